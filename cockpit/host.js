// SPDX-License-Identifier: LGPL-2.1-or-later
//
// One host: how it stands and why, what differs from what was approved, whose
// TPM it has, its golden values, and what happened.
import { make, badge, alert, facts, link, when, date } from "./dom.js";
import { state_of } from "./verifier.js";
import { golden_table } from "./golden.js";

const LINES = 5000, LINES_SHOWN = 50;

const endorsers = {
    nobody: "nobody", operator: "an operator, who compared its key",
    "ek-certificate": "its maker, by a certificate of its endorsement key",
    "iak-certificate": "its maker, by a certificate of its attestation key",
};

function reason_item(reason) {
    return make("li", null, make("strong", null, reason.text), reason.detail ? make("p", null, reason.detail) : null,
                reason.remedy ? make("p.remedy", null, reason.remedy) : null);
}

function difference_item(d) {
    return make("li.difference", null,
                make("div.where", null, make("span.tag", null, `PCR ${d.pcr}`), make("span.tag.quiet", null, d.bank)),
                make("p", null, d.event || "another value than was approved; no boot log says why"),
                d.remedy ? make("p.remedy", null, d.remedy) : null,
                make("details", null, make("summary", null, "Values"), facts([
                    ["approved", make("code", null, d.expected || "–")],
                    ["found", make("code", null, d.actual || "–")]])));
}

function verdict_card(verdict) {
    const { reasons = [], differences = [] } = verdict;
    const no_reason = verdict.verdict === "trusted" ? "Every check holds: the host booted what was approved."
        : "The host was not asked yet.";

    return make("section.card", { id: "verdict" }, make("h2", null, "Verdict"),
                reasons.length > 0 ? make("ul.reasons", null, reasons.map(reason_item))
                    : make("p", null, no_reason),
                verdict.warning ? alert("warning", "Its IMA policy warns", verdict.warning) : null,
                differences.length > 0 ? [make("h3", null, "What differs"),
                    make("ul.differences", null, differences.map(difference_item))] : null);
}

function about_card(host) {
    const boot = host.standing?.boot_session;

    return make("section.card", null, make("h2", null, "The host"), facts([
        ["Address", `${host.address}${host.port ? ":" + host.port : ""}`],
        ["Connection", host.connected ? "open" : "none now"],
        ["Label", host.label], ["Group", host.group],
        ["Enrolled", when(host.enrolled)],
        ["TPM", [host.tpm_manufacturer, host.tpm_vendor].filter(Boolean).join(" ")],
        ["Genuine by the word of", endorsers[host.endorsed_by] ?? host.endorsed_by],
        ["Endorsement key", make("span", null, host.ek_algorithm, " ", make("code", null, host.ek_sha256))],
        ["Starts of the TPM", boot ? `${boot.reset_count} (and ${boot.restart_count} resumes)` : ""],
    ]));
}

// [state, words] of a line of the audit log.
function event_words(line) {
    const state = line.event === "verdict" ? line.detail.split(" ", 1)[0] : null;

    return state ? [badge(state), " ", line.detail.slice(state.length + 1)]
        : [make("span.tag", null, line.event), " ", line.detail];
}

async function history_card(verifier, name, card) {
    const { audit_lines } = await verifier.ask("status");
    const first = Math.max(1, audit_lines - LINES + 1);
    const { lines } = await verifier.ask("audit", { first, max: LINES, host: name });
    const own = lines.filter(line => line.subject === name).reverse();

    card.replaceChildren(make("h2", null, "History"),
        own.length === 0 ? make("p", null, `Nothing among the newest ${LINES} lines of the audit log.`)
            : make("ol.history", null, own.slice(0, LINES_SHOWN).map(line => make("li", null,
                make("time", { title: `line ${line.sequence}` }, date(line.time)),
                make("span.what", null, event_words(line)), make("span.who", null, line.actor)))),
        own.length > LINES_SHOWN || first > 1
            ? make("p.quiet", null, `More: virt-attest audit show`) : "");
}

// A scope is a name, of a host or of a group.
async function goldens_of(verifier, host) {
    const own = await verifier.ask("golden-list", { scope: host.host });
    const group = host.group ? await verifier.ask("golden-list", { scope: host.group }) : { goldens: [] };

    return [...own.goldens.filter(g => g.host), ...group.goldens.filter(g => g.group)];
}

export function host_view(verifier, view, [name]) {
    const said = make("div");
    const title = make("h2.host");
    const ask = make("button", { type: "button", onclick: ask_now }, "Ask now");
    const verdict = make("div"), history = make("section.card", { id: "history" }), goldens = make("section.card");
    let asked_for = null, reading = false, again = false;

    view.append(make("p.crumbs", null, link("Hosts"), " › ", name), make("div.toolbar.title", null, title, ask), said,
                verdict, goldens, history);

    async function ask_now() {
        ask.disabled = true;
        said.replaceChildren();
        try {
            await verifier.ask_apart("verify", { destination: name });
            await read();
        } catch (error) {
            said.replaceChildren(alert("danger", "The host could not be asked", error.message));
        }
        ask.disabled = false;
    }

    // One reading at a time; what changes meanwhile asks for another.
    async function read() {
        if (reading) {
            again = true;
            return;
        }
        reading = true;
        do {
            again = false;
            try {
                const host = await verifier.ask("show", { host: name });
                verdict.replaceChildren(verdict_card(host.standing ?? {}), about_card(host));
                goldens.replaceChildren(make("h2", null, "Golden values"),
                    golden_table(verifier, await goldens_of(verifier, host), read) ??
                    make("p", null, "None: nothing is approved for this host."));
                await history_card(verifier, name, history);
            } catch (error) {
                if (verifier.state === "up")
                    verdict.replaceChildren(alert("danger", `${name} cannot be shown`, error.message));
            }
        } while (again);
        reading = false;
    }

    function update() {
        const standing = verifier.hosts.get(name);
        const state = standing ? state_of(standing) : verifier.complete ? "unknown" : null;
        const { reason, detail, golden } = standing ?? {};
        const now = [verifier.state, verifier.may_change, state, reason, detail, golden].join();

        title.replaceChildren(name, " ", state ? badge(state) : "", " ",
                              standing?.time ? make("small", null, "asked ", when(standing.time)) : "");
        if (now === asked_for)
            return;
        asked_for = now;
        ask.disabled = verifier.state !== "up";
        if (verifier.state === "up")
            read();
    }

    return { update };
}
