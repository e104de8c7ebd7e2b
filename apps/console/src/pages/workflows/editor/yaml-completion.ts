import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { hoverTooltip } from '@uiw/react-codemirror';
import type { Extension } from '@uiw/react-codemirror';
import { placeAt, placeOfLine } from '../document/cursor-path.js';
import {
  offeredKeys,
  offeredValues,
  schemasAt,
  typeName,
  type DefinitionSchemas,
  type Offer,
} from '../document/schema-lookup.js';
import { readLoosely } from '../document/yaml-text.js';

/** Offers the keys and values that the schemas know at the cursor. */
export function completeDefinition(schemas: () => DefinitionSchemas | undefined) {
  return ({ state, pos, explicit }: CompletionContext): CompletionResult | null => {
    const known = schemas();
    const text = state.doc.toString();
    const place = known === undefined ? null : placeAt(text, pos);
    if (known === undefined || place === null) return null;
    // An empty line offers nothing by itself: whoever presses Enter at the end wants to go on.
    if (place.word === '' && place.kind === 'entry' && !explicit) return null;
    const json = readLoosely(text);
    const hasColon = /^\s*:/.test(text.slice(pos));
    const keys = place.kind === 'entry' ? offeredKeys(known, json, place.path) : [];
    const written = keysBeside(json, place.path);
    const options = [
      ...keys
        .filter(({ label }) => label === place.word || !written.has(label))
        .map((offer) => option(offer, hasColon ? offer.label : `${offer.label}: `)),
      ...offeredValues(known, json, place.path).map((offer) => option(offer, offer.label)),
    ];
    return options.length === 0 ? null : { from: pos - place.word.length, options, validFor: /^[\w.-]*$/ };
  };
}

function option({ label, detail, description }: Offer, apply: string) {
  return {
    label,
    apply,
    type: apply === label ? 'constant' : 'property',
    ...(detail !== undefined && { detail }),
    ...(description !== undefined && { info: description.replaceAll('`', '') }),
  };
}

function keysBeside(json: unknown, path: readonly (string | number)[]): Set<string> {
  const map = path.reduce<unknown>((at, step) => (at as Record<string, unknown> | null | undefined)?.[step], json);
  return new Set(map !== null && typeof map === 'object' && !Array.isArray(map) ? Object.keys(map) : []);
}

/** Tells what a field is for, where the mouse rests on its line. */
export function explainDefinition(schemas: () => DefinitionSchemas | undefined): Extension {
  return hoverTooltip((view, pos) => {
    const known = schemas();
    const text = view.state.doc.toString();
    const place = known === undefined ? null : placeOfLine(text, pos);
    if (known === undefined || place === null) return null;
    const [schema] = schemasAt(known, readLoosely(text), place.path).filter((one) => typeof one['description'] === 'string');
    const parent = schemasAt(known, readLoosely(text), place.path.slice(0, -1));
    const property = parent
      .map((one) => (one['properties'] as Record<string, unknown> | undefined)?.[place.key])
      .find((one) => one !== undefined);
    const told =
      (property as { description?: string } | undefined)?.description ?? (schema?.['description'] as string | undefined);
    if (told === undefined) return null;
    const line = view.state.doc.lineAt(pos);
    const detail = typeName((property ?? schema) as Record<string, never>);
    return { pos: line.from + /^[\s-]*/.exec(line.text)![0].length, create: () => ({ dom: tooltip(place.key, detail, told) }) };
  });
}

function tooltip(key: string, detail: string, told: string): HTMLElement {
  const dom = document.createElement('div');
  dom.className = 'cm-told';
  const head = dom.appendChild(document.createElement('div'));
  head.append(Object.assign(document.createElement('b'), { textContent: key }), ` ${detail}`);
  dom.appendChild(document.createElement('div')).textContent = told.replaceAll('`', '');
  return dom;
}
