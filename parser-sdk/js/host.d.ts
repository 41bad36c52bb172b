export type Level = "debug" | "info" | "warn" | "error";
export type Host = {
    settings: () => string;
    started: () => {
        unixMs: bigint;
        utcOffsetMinutes: number;
    };
    log: (level: Level, text: string) => void;
};
/**
 * @param {Host | undefined} host
 * @returns {Host | undefined} the one before
 */
export declare function connect(host: Host | undefined): Host | undefined;
/** @returns {Host} */
export declare function host(): Host;
