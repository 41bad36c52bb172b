export type Json = import("./json.js").Json;
export type Fields = import("./json.js").Fields;
export type Severity = "high" | "medium" | "low" | (string & {});
export type Sensitivity = "white" | "green" | "amber" | "red";
export type Time = string | Date | import("./time.js").Timestamp;
export type Common = {
    /**
     * of a container: which kind of events it belongs to, required by SOAR, one
     * that exists there (the asset's own label, where it has one, wins); of an artifact: `event` by default
     */
    label?: string | undefined;
    description?: string | undefined;
    /**
     * medium when it isn't set
     */
    severity?: Severity | undefined;
    tags?: string[] | undefined;
    /**
     * whatever else is known: playbooks see it, the user interface doesn't show it
     */
    data?: Fields | undefined;
    /**
     * what makes it this one and no other, so that delivering
     * it again makes no second one; the same input must give the same identifier
     */
    source_data_identifier?: string | undefined;
    start_time?: Time | undefined;
    end_time?: Time | undefined;
    /**
     * the phase of an attack
     */
    kill_chain?: string | undefined;
    /**
     * the number or the name of a SOAR user
     */
    owner_id?: number | string | undefined;
    /**
     * whether playbooks run when SOAR has stored this
     */
    run_automation?: boolean | undefined;
    /**
     * any other members of the body: SOAR drops those that it doesn't know, and
     * the connector reports them
     */
    fields?: Fields | undefined;
};
export type ContainerOnly = {
    /**
     * amber when it isn't set
     */
    sensitivity?: Sensitivity | undefined;
    /**
     * `new`, `open`, `closed`, or one that the administrator has added
     */
    status?: string | undefined;
    custom_fields?: Fields | undefined;
    due_time?: Time | undefined;
};
export type Container = Common & ContainerOnly;
export type ArtifactOnly = {
    name?: string | undefined;
    /**
     * network, host, user …
     */
    type?: string | undefined;
    /**
     * CEF fields: `sourceAddress`, `fileHashSha256`, or names of your own
     */
    cef?: Fields | undefined;
    /**
     * for CEF fields of your own, what they hold (`ip`,
     * `domain`, `hash` …), so that SOAR offers the actions that go with it
     */
    cef_types?: Record<string, string[]> | undefined;
};
export type Artifact = Common & ArtifactOnly;
/** @typedef {import("./json.js").Json} Json */
/** @typedef {import("./json.js").Fields} Fields */
/** How grave something is; an administrator may have added names of their own. @typedef {"high" | "medium" | "low" | (string & {})} Severity */
/** With whom a container may be shared: the colours of the Traffic Light Protocol. @typedef {"white" | "green" | "amber" | "red"} Sensitivity */
/** ISO 8601; a `Timestamp` or a `Date` is written as that. @typedef {string | Date | import("./time.js").Timestamp} Time */
/**
 * Members that containers and artifacts have in common.
 *
 * @typedef {object} Common
 * @property {string | undefined} [label] of a container: which kind of events it belongs to, required by SOAR, one
 *   that exists there (the asset's own label, where it has one, wins); of an artifact: `event` by default
 * @property {string | undefined} [description]
 * @property {Severity | undefined} [severity] medium when it isn't set
 * @property {string[] | undefined} [tags]
 * @property {Fields | undefined} [data] whatever else is known: playbooks see it, the user interface doesn't show it
 * @property {string | undefined} [source_data_identifier] what makes it this one and no other, so that delivering
 *   it again makes no second one; the same input must give the same identifier
 * @property {Time | undefined} [start_time]
 * @property {Time | undefined} [end_time]
 * @property {string | undefined} [kill_chain] the phase of an attack
 * @property {number | string | undefined} [owner_id] the number or the name of a SOAR user
 * @property {boolean | undefined} [run_automation] whether playbooks run when SOAR has stored this
 * @property {Fields | undefined} [fields] any other members of the body: SOAR drops those that it doesn't know, and
 *   the connector reports them
 */
/**
 * Members of the body of POST /rest/container, its name aside.
 *
 * @typedef {object} ContainerOnly
 * @property {Sensitivity | undefined} [sensitivity] amber when it isn't set
 * @property {string | undefined} [status] `new`, `open`, `closed`, or one that the administrator has added
 * @property {Fields | undefined} [custom_fields]
 * @property {Time | undefined} [due_time]
 */
/** @typedef {Common & ContainerOnly} Container */
/**
 * Members of the body of POST /rest/artifact.
 *
 * @typedef {object} ArtifactOnly
 * @property {string | undefined} [name]
 * @property {string | undefined} [type] network, host, user …
 * @property {Fields | undefined} [cef] CEF fields: `sourceAddress`, `fileHashSha256`, or names of your own
 * @property {Record<string, string[]> | undefined} [cef_types] for CEF fields of your own, what they hold (`ip`,
 *   `domain`, `hash` …), so that SOAR offers the actions that go with it
 */
/** @typedef {Common & ArtifactOnly} Artifact */
export {};
