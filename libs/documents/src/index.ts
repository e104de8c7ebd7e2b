export { FileTextExtractor, type FileTextExtractorOptions } from './file-text-extractor.js';
