// SOAR's bodies, as types.

/** @typedef {import("./json.js").Json} Json */
/** @typedef {import("./json.js").Fields} Fields */

/** How grave something is; an administrator may have added names of their own. @typedef {"high" | "medium" | "low" | (string & {})} Severity */
/** With whom a container may be shared: the colours of the Traffic Light Protocol. @typedef {"white" | "green" | "amber" | "red"} Sensitivity */
/** ISO 8601; a `Timestamp` or a `Date` is written as that. @typedef {string | Date | import("./time.js").Timestamp} Time */

/**
 * Members that containers and artifacts have in common.
 *
 * @typedef {object} Common
 * @property {string} [label] of a container: which kind of events it belongs to, required by SOAR, one
 *   that exists there (the asset's own label, where it has one, wins); of an artifact: `event` by default
 * @property {string} [description]
 * @property {Severity} [severity] medium when it isn't set
 * @property {string[]} [tags]
 * @property {Fields} [data] whatever else is known: playbooks see it, the user interface doesn't show it
 * @property {string} [source_data_identifier] what makes it this one and no other, so that delivering
 *   it again makes no second one; the same input must give the same identifier
 * @property {Time} [start_time]
 * @property {Time} [end_time]
 * @property {string} [kill_chain] the phase of an attack
 * @property {number | string} [owner_id] the number or the name of a SOAR user
 * @property {boolean} [run_automation] whether playbooks run when SOAR has stored this
 * @property {Fields} [fields] any other members of the body: SOAR drops those that it doesn't know, and
 *   the connector reports them
 */

/**
 * Members of the body of POST /rest/container, its name aside.
 *
 * @typedef {object} ContainerOnly
 * @property {Sensitivity} [sensitivity] amber when it isn't set
 * @property {string} [status] `new`, `open`, `closed`, or one that the administrator has added
 * @property {Fields} [custom_fields]
 * @property {Time} [due_time]
 */
/** @typedef {Common & ContainerOnly} Container */

/**
 * Members of the body of POST /rest/artifact.
 *
 * @typedef {object} ArtifactOnly
 * @property {string} [name]
 * @property {string} [type] network, host, user …
 * @property {Fields} [cef] CEF fields: `sourceAddress`, `fileHashSha256`, or names of your own
 * @property {Record<string, string[]>} [cef_types] for CEF fields of your own, what they hold (`ip`,
 *   `domain`, `hash` …), so that SOAR offers the actions that go with it
 */
/** @typedef {Common & ArtifactOnly} Artifact */

export {};
