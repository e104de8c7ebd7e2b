/** A longer one is no word of a language: it is left alone. */
const MAX_WORD_CHARS = 40;
const WORD = /[\p{L}\p{N}]+/gu;

/** Words that say little about what a text is about. */
const STOP_WORDS = new Set(
  `a about after again all also am an and any are as at be because been before being between both but by can could did do does doing done
  each else ever for from get gets give given gives had has have having he her here him his how i if in into is it its itself just let may me
  might more most much must my no nor not now of on once only or other our out over own per say says shall she should so some still such many often long way go goes
  than that the their them then there these they this those through to too under until up upon us use used uses using very was we were what
  when where whether which while who whom whose why will with within without would yes yet you your tell happen happens mean means work works`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/** The words of a text as they count for comparison: Unicode-normalised, lower case, without accents. Identifiers fall into their parts. */
export function splitWords(text: string): string[] {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().match(WORD) ?? [];
}

export function isStopWord(word: string): boolean {
  return STOP_WORDS.has(word);
}

/** The stems of the words that carry meaning, in order. */
export function contentStems(text: string): string[] {
  return splitWords(text)
    .filter((word) => !isStopWord(word))
    .map(stem);
}

/**
 * A light stem of an English word: without plural, `-ing` and `-ed`, a doubled last consonant and a silent `e`. It need not be a word; it
 * must be the same for the forms of one. Words with digits, short words and what is too long for a word stay as they are.
 */
export function stem(word: string): string {
  if (word.length <= 3 || word.length > MAX_WORD_CHARS || /[^a-z]/.test(word)) return word;
  const singular = withoutPlural(word);
  const [, base] = /^(.*[aeiouy].*?)(?:ing|ed)$/.exec(singular) ?? [];
  const root = base === undefined || base.length < 3 ? singular : base.replace(/([^aeioulsz])\1$/, '$1');
  return root.length > 3 ? root.replace(/e$/, '').replace(/y$/, 'i') : root;
}

function withoutPlural(word: string): string {
  if (/(ss|us|is)$/.test(word)) return word;
  if (/[^aeiou]ie[sd]$/.test(word)) return word.replace(/ie[sd]$/, 'y');
  if (/(sh|ch|ss|x|zz)es$/.test(word)) return word.slice(0, -2);
  return word.replace(/s$/, '');
}
