// What a parser writes: the JSON text of the contract, where each artifact came from, and what was
// rejected.

import { stringify } from "./json.js";
import { bug } from "./rejection.js";

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
export class Output {
  /** @type {ContainerText[]} */
  #containers = [];
  /** @type {Map<number, string>} */
  #rejections = new Map();

  /**
   * Opens a container. The artifacts that follow are its own, until the next one is opened.
   *
   * @param {string} name
   * @param {Container} [members]
   * @param {{ skipIfEmpty?: boolean }} [options] `skipIfEmpty` leaves the container out if it gets no
   *   artifact, because every message is rejected, say
   * @throws {import("./rejection.js").Rejection} when a member can't be written as JSON
   */
  container(name, members = {}, { skipIfEmpty = false } = {}) {
    const text = stringify(flat({ name }, members));
    this.#containers.push({ text, artifacts: [], skipIfEmpty });
  }

  /**
   * Adds an artifact made from `message` to the open container.
   *
   * @param {Message} message
   * @param {Artifact} members
   * @throws {import("./rejection.js").Rejection} when a member can't be written as JSON
   */
  artifact(message, members) {
    this.#add(message.index, members);
  }

  /**
   * Adds an artifact made from several messages or from none to the open container. The connector then
   * can't trace any artifact of this batch to the message it came from.
   *
   * @param {Artifact} members
   * @throws {import("./rejection.js").Rejection} when a member can't be written as JSON
   */
  artifactOfBatch(members) {
    this.#add(undefined, members);
  }

  /**
   * Rejects a message with a reason: it goes to the quarantine. `batch.each` does it for what is thrown,
   * and takes back what was written for the message; this alone takes nothing back.
   *
   * @param {Message} message
   * @param {string} reason
   */
  reject(message, reason) {
    // A message that is rejected twice keeps the first reason.
    if (!this.#rejections.has(message.index)) this.#rejections.set(message.index, reason);
  }

  /** Number of artifacts in the open container. @returns {number} */
  get artifacts() {
    return this.#containers.at(-1)?.artifacts.length ?? 0;
  }

  /** Number of rejections so far. @returns {number} */
  get rejections() {
    return this.#rejections.size;
  }

  /**
   * @param {number | undefined} source
   * @param {Artifact} members
   */
  #add(source, members) {
    const open = this.#containers.at(-1);
    if (open === undefined) throw bug("it adds an artifact before it opens a container");
    const body = flat({}, members);
    const text = stringify(body);
    const closed = body["run_automation"] !== undefined;
    open.artifacts.push({ text: closed ? text : text.slice(0, -1), closed, source });
  }

  /** @internal @returns {Mark} */
  mark() {
    return { containers: this.#containers.length, artifacts: this.artifacts };
  }

  /** @internal @param {Mark} mark */
  takeBack({ containers, artifacts }) {
    this.#containers.length = containers;
    const open = this.#containers.at(-1);
    if (open) open.artifacts.length = artifacts;
  }

  /**
   * @internal
   * @returns {Written}
   * @throws {import("./rejection.js").Refusal} when the parser has a bug
   */
  finish() {
    const containers = this.#containers.filter(
      ({ artifacts, skipIfEmpty }) => artifacts.length > 0 || !skipIfEmpty,
    );
    const sources = containers.flatMap(({ artifacts }) => artifacts.map(({ source }) => source));
    const both = sources.find((source) => source !== undefined && this.#rejections.has(source));
    if (both !== undefined) {
      throw bug(`it rejects message ${both} of the batch and makes an artifact of it`);
    }
    const rejections = [...this.#rejections].map(([index, reason]) => ({ index, reason: reason.toWellFormed() }));
    const traced = sources.filter((source) => source !== undefined);
    return {
      ingests: containers.length === 0 ? "" : `[${containers.map(ingest).join(",")}]`,
      sources: Uint32Array.from(traced.length === sources.length ? traced : []),
      rejections: rejections.sort((a, b) => a.index - b.index),
    };
  }
}

/**
 * The members in their order, `fields` last.
 *
 * @param {Fields} first
 * @param {Container | Artifact} members
 * @returns {Fields}
 */
function flat(first, members) {
  const { fields = {}, ...known } = members;
  const all = { ...first, .../** @type {Fields} */ (known) };
  for (const [key, value] of Object.entries(fields)) {
    if (all[key] !== undefined) throw bug(`it sets \`${key}\` twice`);
    all[key] = value;
  }
  return all;
}

/** @param {ContainerText} container */
function ingest({ text, artifacts }) {
  const last = artifacts.length - 1;
  const closed = artifacts.map((artifact, index) => close(artifact, index === last));
  return `{"container":${text},"artifacts":[${closed.join(",")}]}`;
}

/**
 * @param {ArtifactText} artifact
 * @param {boolean} last
 */
function close({ text, closed }, last) {
  if (closed) return text;
  if (last) return `${text}}`;
  return `${text}${text === "{" ? "" : ","}"run_automation":false}`;
}
