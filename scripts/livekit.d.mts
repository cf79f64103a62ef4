/** Types of livekit.mjs, for the bench. */
export declare const livekitVersion: string
export declare function haveGo(): boolean
export declare function livekitBinary(): string
export declare function replacements(goMod: string): string[]
