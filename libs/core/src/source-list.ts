/** The list of sources that ends a finished answer. */
const SOURCE_LIST = /\nSources:?\n[\s\S]*$/;

/** The answer without the list of sources that ends it. */
export function withoutSources(answer: string): string {
  return answer.replace(SOURCE_LIST, '').trimEnd();
}
