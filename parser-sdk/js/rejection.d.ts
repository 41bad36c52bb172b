/**
 * A message can't be handled, thrown in the function that `batch.each` calls; anywhere else, the whole
 * batch can't.
 *
 * The reason is for the person who looks after the topic: say what is wrong and where. It isn't the
 * place for the message's data, which may be confidential; the connector cuts it at 1 KiB.
 */
export declare class Rejection extends Error {
    /** @param {string} reason */
    constructor(reason: string);
}
/**
 * No message of this batch can be handled (a setting is missing, say). The poll stops before the batch:
 * nothing of it is delivered or quarantined, and no offset advances.
 */
export declare class Refusal extends Error {
    payload: string;
    /** @param {string} reason */
    constructor(reason: string);
}
/**
 * Throws a `Rejection`.
 *
 * @param {string} reason
 * @returns {never}
 */
export declare function reject(reason: string): never;
/**
 * Throws a `Refusal`, within `batch.each` too.
 *
 * @param {string} reason
 * @returns {never}
 */
export declare function refuse(reason: string): never;
/**
 * For a call that makes no sense: the batch is refused, because no message is to blame.
 *
 * @param {string} what
 */
export declare function bug(what: string): Refusal;
/**
 * The reason for something thrown; for anything but a `Rejection` with its place in the parser and the
 * beginning of its text.
 *
 * @param {unknown} thrown
 * @returns {string}
 */
export declare function reasonOf(thrown: unknown): string;
/**
 * The frames of a stack, this SDK's and the engine's aside.
 *
 * @param {unknown} thrown
 * @returns {string[]}
 */
export declare function stackOf(thrown: unknown): string[];
