// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The verifier as this page knows it: connected or not, what the caller may do,
// and how each host stands, by events.  "changed" is told at once when the
// connection changes, and of hosts at most four times a second.
import { socket_path, check_owner } from "./place.js";
import { Wire, WireError } from "./wire.js";

const TELL_MS = 250;
const RETRY_MS = 1000, RETRY_MAX_MS = 8000;
const BEAT_MS = 5000, SILENCE_MS = 5000;

function admin_permission() {
    const permission = cockpit.permission({ admin: true });

    return new Promise(resolve => {
        const told = () => permission.allowed !== null && resolve(permission.allowed);
        permission.addEventListener("changed", told);
        told();
    });
}

export class Verifier extends EventTarget {
    constructor() {
        super();
        this.state = "connecting"; // up, down (`why`), denied (`why`)
        this.why = "";
        this.since = Date.now();
        this.path = "";
        this.complete = false; // every host was heard of
        this.hosts = new Map();
        this.heard = null; // names, until the list is complete
        this.own_right = false;
        this.admin = false;
        this.retry_ms = RETRY_MS;
    }

    get may_change() {
        return this.state === "up" && (this.own_right || this.admin);
    }

    async connect() {
        const attempt = this.attempt = (this.attempt ?? 0) + 1; // a later one takes over

        clearTimeout(this.retry);
        this.trying?.close();
        try {
            this.admin = await admin_permission();
            this.path = await socket_path();
            try {
                await this.connect_as(null);
            } catch (error) {
                if (!["Denied", "access-denied"].includes(error.name) || !this.admin)
                    throw error;
                await this.connect_as("require");
            }
            this.retry_ms = RETRY_MS;
        } catch (error) {
            if (attempt === this.attempt)
                this.lost(error);
        }
    }

    // As the caller himself, where the verifier lets him: the audit log then has
    // his name, and an approval by two is by two.  As root where it does not.
    async connect_as(superuser) {
        this.superuser = superuser;
        await check_owner(this.path, superuser);
        const wire = new Wire(this.path, superuser, {
            on_event: (name, data) => this.event(name, data),
            on_close: error => this.wire === wire && this.lost(error),
        });
        this.trying = wire;
        try {
            const status = await wire.request("status");
            this.own_right = status.may_change === true && superuser === null;
            this.heard = new Set();
            await wire.request("watch");
            if (!wire.open)
                throw new WireError("terminated", "The verifier ended the connection");
        } catch (error) {
            wire.close();
            throw error;
        } finally {
            if (this.trying === wire)
                this.trying = null;
        }
        this.wire?.close();
        this.wire = wire;
        clearInterval(this.beat);
        this.set_state("up", "");
        this.beat = setInterval(() => this.feel(), BEAT_MS);
    }

    // A verifier that hangs keeps its connections; so it is asked something small.
    async feel() {
        const wire = this.wire;
        const silence = setTimeout(() => wire === this.wire &&
            this.lost(new WireError("timeout", `The verifier is silent for ${SILENCE_MS / 1000} seconds`)), SILENCE_MS);

        try {
            await this.ask("permits");
        } catch {
            // whoever ended the connection said so
        } finally {
            clearTimeout(silence);
        }
    }

    // The hosts stay: what was heard holds for as long as it was said to.
    lost(error) {
        const denied = ["Denied", "access-denied"].includes(error.name);

        clearInterval(this.beat);
        this.wire?.close();
        this.wire = null;
        this.set_state(denied ? "denied" : "down", error.message || String(error));
        if (denied)
            return;
        this.retry = setTimeout(() => this.connect(), this.retry_ms);
        this.retry_ms = Math.min(this.retry_ms * 2, RETRY_MAX_MS);
    }

    set_state(state, why) {
        if (this.state !== state)
            this.since = Date.now();
        this.state = state;
        this.why = why;
        this.dispatchEvent(new Event("changed"));
    }

    event(name, data) {
        switch (name) {
        case "STANDING":
            if (!this.heard.has(data.host))
                this.standing(data);
            break;
        case "VERDICT":
        case "CONFIRMED":
            this.standing(data);
            break;
        case "COMPLETE":
            this.hosts.forEach((_, host) => this.heard.has(host) || this.hosts.delete(host));
            this.complete = true;
            break;
        default: // of a newer verifier
            return;
        }
        this.tell();
    }

    standing(data) {
        const host = String(data.host);

        this.heard.add(host);
        if (data.state === "unknown" && data.reason === "no-host") {
            this.hosts.delete(host);
        } else {
            // A standing that contradicts itself is not taken for trust.
            const sound = data.state === "trusted" && data.reason === null && data.trusted_ms > 0;
            const ms = sound ? data.trusted_ms : 0;
            this.hosts.set(host, { ...data, host, until: performance.now() + ms, until_date: Date.now() + ms });
        }
    }

    tell() {
        this.telling ??= setTimeout(() => {
            this.telling = undefined;
            this.dispatchEvent(new Event("changed"));
        }, TELL_MS);
    }

    // Whoever asks waits for what was asked before him.
    ask(verb, args) {
        return this.wire ? this.wire.request(verb, args)
            : Promise.reject(new WireError("terminated", "The verifier does not answer"));
    }

    // What takes long has a connection of its own.
    async ask_apart(verb, args, superuser = this.superuser) {
        const wire = new Wire(this.path, superuser);

        try {
            return await wire.request(verb, args);
        } finally {
            wire.close();
        }
    }

    async change(verb, args) {
        const superuser = this.own_right ? null : "require";

        await check_owner(this.path, superuser);
        return this.ask_apart(verb, args, superuser);
    }
}

// How a host stands now: trust ends with its time, also when nobody says so; by
// the clock that nobody sets, and by the one that goes on while a laptop sleeps.
export function state_of(standing) {
    if (standing.state !== "trusted")
        return ["untrusted", "unreachable", "stale"].includes(standing.state) ? standing.state : "unknown";
    return performance.now() < standing.until && Date.now() < standing.until_date ? "trusted" : "stale";
}

export function reason_of(standing) {
    if (standing.state === "trusted" && state_of(standing) !== "trusted")
        return "nothing was heard for longer than a verdict holds";
    return standing.detail || standing.reason || "";
}
