/** Types of setup.mjs, for its tests and the bench. */
export declare const root: string
export declare function setup(options?: { web?: boolean }): string
export declare function buildWeb(node: string): void
export declare function putInPlace(fresh: string, dist: string): void
