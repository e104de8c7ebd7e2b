import type { Multipart, MultipartFile } from '@fastify/multipart';
import { BatonError } from '@baton/core';
import type { NewUpload } from '@baton/engine';
import type { FastifyRequest } from 'fastify';
import { invalidRequest } from './problems/validation.js';

const MAX_NAME_CHARS = 2_000;

/**
 * The files of a multipart body, one at a time as they come in. Of a file that is larger than `maxFileBytes`, one byte more than that is
 * given: enough to see that it is.
 * @throws BatonError `invalid_request` for a part that is no file.
 */
export async function* readFileParts(request: FastifyRequest, limits: { maxFiles: number; maxFileBytes: number }) {
  const parts: AsyncIterableIterator<Multipart> = request.parts({
    limits: { files: limits.maxFiles, parts: limits.maxFiles + 1, fields: 1, fileSize: limits.maxFileBytes + 1 },
    // A name may be a path: it becomes the source of a document, and is never opened.
    preservePath: true,
  });
  try {
    for await (const part of parts) {
      if (part.type !== 'file') {
        throw invalidRequest([{ pointer: `/${part.fieldname}`, message: 'must be a file: send it with a file name' }]);
      }
      yield await readPart(part);
    }
  } catch (error) {
    if (!(error instanceof Error) || error instanceof BatonError || 'statusCode' in error) throw error;
    // What the parser throws without a status is about the body: it is cut off, or no multipart at all.
    throw invalidRequest([{ pointer: '', message: `the multipart body cannot be read: ${error.message}` }]);
  }
}

async function readPart({ filename, mimetype, file }: MultipartFile): Promise<NewUpload> {
  const chunks: Buffer[] = [];
  for await (const chunk of file) chunks.push(chunk as Buffer);
  // A part of `application/octet-stream` is a file without a name, too, whatever the type says.
  const name = (filename as string | undefined)?.trim().slice(0, MAX_NAME_CHARS) ?? '';
  return { name: name === '' ? null : name, mediaType: mimetype, bytes: Buffer.concat(chunks) };
}
