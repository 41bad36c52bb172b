export type Fields = import("./json.js").Fields;
export type Message = import("./message.js").Message;
export type Container = import("./soar.js").Container;
export type Artifact = import("./soar.js").Artifact;
export type WitRejection = {
    index: number;
    reason: string;
};
export type Written = {
    ingests: string;
    sources: Uint32Array;
    rejections: WitRejection[];
};
export type ArtifactText = {
    text: string;
    closed: boolean;
    source: number | undefined;
};
export type ContainerText = {
    text: string;
    artifacts: ArtifactText[];
    skipIfEmpty: boolean;
};
export type Mark = {
    containers: number;
    artifacts: number;
};
/** @typedef {import("./json.js").Fields} Fields */
/** @typedef {import("./message.js").Message} Message */
/** @typedef {import("./soar.js").Container} Container */
/** @typedef {import("./soar.js").Artifact} Artifact */
/** @typedef {{ index: number, reason: string }} WitRejection */
/** @typedef {{ ingests: string, sources: Uint32Array, rejections: WitRejection[] }} Written */
/** An artifact's text without its closing brace: see `close`. @typedef {{ text: string, closed: boolean, source: number | undefined }} ArtifactText */
/** @typedef {{ text: string, artifacts: ArtifactText[], skipIfEmpty: boolean }} ContainerText */
/** A state to go back to. @typedef {{ containers: number, artifacts: number }} Mark */
/**
 * Where a parser puts containers and their artifacts, in the order of the calls: `container` opens a
 * container, `artifact` adds an artifact to it.
 *
 * Playbooks run once a container, after its last artifact: the SDK writes `run_automation: false` on all
 * artifacts but the last, as SOAR's own apps do. An artifact that sets it itself keeps its choice.
 */
export declare class Output {
    #private;
    /**
     * Opens a container. The artifacts that follow are its own, until the next one is opened.
     *
     * @param {string} name
     * @param {Container} [members]
     * @param {{ skipIfEmpty?: boolean }} [options] `skipIfEmpty` leaves the container out if it gets no
     *   artifact, because every message is rejected, say
     * @throws {import("./rejection.js").Rejection} when a member can't be written as JSON
     */
    container(name: string, members?: Container, { skipIfEmpty }?: {
        skipIfEmpty?: boolean;
    }): void;
    /**
     * Adds an artifact made from `message` to the open container.
     *
     * @param {Message} message
     * @param {Artifact} members
     * @throws {import("./rejection.js").Rejection} when a member can't be written as JSON
     */
    artifact(message: Message, members: Artifact): void;
    /**
     * Adds an artifact made from several messages or from none to the open container. The connector then
     * can't trace any artifact of this batch to the message it came from.
     *
     * @param {Artifact} members
     * @throws {import("./rejection.js").Rejection} when a member can't be written as JSON
     */
    artifactOfBatch(members: Artifact): void;
    /**
     * Rejects a message with a reason: it goes to the quarantine. `batch.each` does it for what is thrown,
     * and takes back what was written for the message; this alone takes nothing back.
     *
     * @param {Message} message
     * @param {string} reason
     */
    reject(message: Message, reason: string): void;
    /** Number of artifacts in the open container. @returns {number} */
    get artifacts(): number;
    /** Number of rejections so far. @returns {number} */
    get rejections(): number;
}
