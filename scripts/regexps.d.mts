/** Types of regexps.mjs, for its test. */
export declare function expressionsOf(
  path: string,
  text: string,
): { line: number; pattern?: string; flags?: string; built?: string }[]
export declare function slowness(pattern: string, flags: string): string | undefined
export declare function checkRegexps(): string[]
export declare function requireLinearRegexps(): void
