// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The control wire (PROTOCOL.md): one JSON object a line.  Replies come in the
// order of their requests; events come at any time.

const LINE_MAX = 64 << 20; // a control reply's limit

export class WireError extends Error {
    constructor(name, text) {
        super(text);
        this.name = name; // a class of PROTOCOL.md, or a problem of Cockpit's
    }
}

export class Wire {
    // superuser: null, "try" or "require".  on_event(name, data); on_close(WireError).
    constructor(path, superuser, { on_event = () => {}, on_close = () => {} } = {}) {
        this.waiting = [];
        this.parts = [];
        this.held = 0;
        this.open = true;
        this.id = 0;
        this.on_event = on_event;
        this.on_close = on_close;
        this.channel = cockpit.channel({
            payload: "stream", unix: path, binary: true, ...superuser && { superuser },
        });
        this.channel.addEventListener("message", (_, bytes) => this.take(bytes));
        this.channel.addEventListener("close", (_, how) => this.ended(
            how.problem ?? "terminated", how.message ?? "The verifier ended the connection"));
    }

    request(execute, args = {}) {
        return new Promise((resolve, reject) => {
            if (!this.open) {
                reject(new WireError("terminated", "The verifier does not answer"));
                return;
            }
            const id = ++this.id;
            const line = JSON.stringify({ execute, arguments: args, version: 1, id }) + "\n";
            this.waiting.push({ id, resolve, reject });
            this.channel.send(new TextEncoder().encode(line));
        });
    }

    close() {
        if (this.open) {
            this.on_close = () => {};
            this.ended("terminated", "This page ended the connection");
            this.channel.close();
        }
    }

    // Lines are cut before they are decoded: a letter of several bytes may come in two parts.
    take(bytes) {
        if (!this.open)
            return;
        let rest = bytes instanceof Uint8Array ? bytes : Uint8Array.from(bytes);
        for (let end = rest.indexOf(10); end >= 0 && this.open; end = rest.indexOf(10)) {
            this.parts.push(rest.subarray(0, end));
            rest = rest.subarray(end + 1);
            this.line();
        }
        this.parts.push(rest);
        this.held += rest.length;
        if (this.held > LINE_MAX)
            this.refuse("A line of the verifier's is too long");
    }

    line() {
        const decoder = new TextDecoder("utf-8", { fatal: true });
        let message;

        try {
            const text = this.parts.map(part => decoder.decode(part, { stream: true })).join("") + decoder.decode();
            message = JSON.parse(text);
        } catch {
            this.refuse("What the verifier sent is no line of its protocol");
            return;
        }
        this.parts = [];
        this.held = 0;
        if (typeof message?.event === "string")
            this.on_event(message.event, message.data ?? {});
        else
            this.reply(message);
    }

    reply(message) {
        const asked = this.waiting.shift();

        if (asked === undefined || message === null || (message.id !== asked.id && message.id !== 0)) {
            asked?.reject(new WireError("Malformed", "The verifier answered another question"));
            this.refuse("The verifier answered what nobody asked");
        } else if (message.error !== undefined) {
            asked.reject(new WireError(String(message.error.class), String(message.error.desc)));
        } else {
            asked.resolve(message.return ?? {});
        }
    }

    refuse(text) {
        this.ended("protocol-error", text);
        this.channel.close();
    }

    ended(name, text) {
        if (!this.open)
            return;
        const error = new WireError(name, text);
        this.open = false;
        this.parts = [];
        this.waiting.splice(0).forEach(asked => asked.reject(error));
        this.on_close(error);
    }
}
