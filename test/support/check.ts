/** Says of something looked at whether it is right; the process fails if anything was not. */
export function check(what: string, isRight: boolean): void {
  console.log(`${isRight ? 'ok  ' : 'FAIL'} ${what}`);
  if (!isRight) process.exitCode = 1;
}
