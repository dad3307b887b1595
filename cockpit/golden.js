// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Golden values: what hosts have to match.  Approve and revoke, each behind a
// question that says what it will do.
import { make, say, badge, alert, empty, facts, table_head, link, when, date, count } from "./dom.js";
import { confirm } from "./dialog.js";
import { state_of } from "./verifier.js";

const ROWS_MAX = 200, EVENTS_MAX = 500;
const RANK = ["candidate", "active", "revoked"]; // what waits for somebody first

export function scope_of(golden) {
    return golden.host ? link(golden.host, "host", golden.host) : golden.group ? `group ${golden.group}` : "";
}

function trusted_by(verifier, id) {
    return [...verifier.hosts.values()].filter(s => s.golden === id && state_of(s) === "trusted").map(s => s.host);
}

function title_of(golden) {
    return `golden value ${golden.id}${golden.label ? ` ‘${golden.label}’` : ""}`;
}

// PCRs of all banks, in order, in words.
function pcrs_of(golden) {
    const pcrs = new Set(Object.values(golden.pcr_values ?? {}).flatMap(bank => Object.keys(bank).map(Number)));

    return [...pcrs].sort((a, b) => a - b).join(", ");
}

function approve(verifier, golden, done) {
    confirm({
        title: `Approve ${title_of(golden)}?`,
        body: [
            make("p", null, "Hosts that match it are trusted from then on: ", make("b", null, scope_name(golden)), "."),
            facts([["PCRs", pcrs_of(golden)],
                   ["Judged by their events", golden.by_events === "none" ? "" : golden.by_events],
                   ["Taken by", golden.author], ["Taken", date(golden.created)]]),
        ],
        action: "Approve",
        run: async () => { await verifier.change("golden-approve", { id: golden.id }); await done(); },
    });
}

function revoke(verifier, golden, done) {
    const hosts = trusted_by(verifier, golden.id);

    confirm({
        title: `Revoke ${title_of(golden)}?`,
        body: [
            hosts.length === 0 ? make("p", null, "No host is trusted by it now.")
                : make("p", null, make("b", null, count(hosts.length, "host")), " would stop being trusted at once: ",
                       hosts.slice(0, 5).join(", "), hosts.length > 5 ? " …" : "", "."),
            make("p", null, "A revoked golden value cannot be made active again; another can be taken."),
        ],
        action: "Revoke", danger: true,
        run: async () => { await verifier.change("golden-revoke", { id: golden.id }); await done(); },
    });
}

function scope_name(golden) {
    return golden.host || (golden.group ? `every host of group ${golden.group}` : "?");
}

function actions(verifier, golden, done) {
    if (!verifier.may_change)
        return [];
    return [
        golden.state === "candidate" && make("button.small", {
            type: "button", "data-do": "approve", onclick: () => approve(verifier, golden, done) }, "Approve"),
        golden.state !== "revoked" && make("button.small.danger-text", {
            type: "button", "data-do": "revoke", onclick: () => revoke(verifier, golden, done) }, "Revoke"),
    ].filter(Boolean);
}

function trial_words(trial) {
    if (!trial?.under_way)
        return null;
    return make("p.quiet", null, `on trial until ${date(trial.until)}: ${trial.agreed} of ${trial.needed} hosts agree`);
}

// done: called when something was changed.
export function golden_table(verifier, goldens, done) {
    const sorted = [...goldens].sort((a, b) => RANK.indexOf(a.state) - RANK.indexOf(b.state) || b.id - a.id);

    if (goldens.length === 0)
        return null;
    return make("table.list.goldens", null,
        table_head("Golden value", "State", "Whose", "Taken", ""),
        make("tbody", null, sorted.slice(0, ROWS_MAX).map(g => make("tr", { "data-golden": g.id },
            make("th.name", { scope: "row" },
                 link(`#${g.id} ${g.label}`, "golden", String(g.id)), trial_words(g.trial)),
            make("td", { "data-label": "State" }, badge(g.state)),
            make("td", { "data-label": "Whose" }, scope_of(g)),
            make("td", { "data-label": "Taken" }, when(g.created), ` by ${g.author}`),
            make("td.row-actions", null, actions(verifier, g, done))))));
}

export function goldens_view(verifier, view) {
    let all = null, was = null;
    const said = make("div"), list = make("section.card"), more = make("span.range");
    const search = make("input.search", { type: "search", placeholder: "Find by host, group or label",
                                          "aria-label": "Find by host, group or label", oninput: show });

    view.append(make("div.toolbar", null, search, more), said, list);

    function show() {
        const text = search.value.trim().toLowerCase();
        const words = g => `#${g.id} ${g.label} ${g.host ?? ""} ${g.group ?? ""} ${g.state}`.toLowerCase();
        const chosen = (all ?? []).filter(g => words(g).includes(text));
        const left_out = `the first ${ROWS_MAX} of ${chosen.length.toLocaleString()}; find one by its name`;

        list.replaceChildren(golden_table(verifier, chosen, read) ??
            (all === null ? empty("Waiting for the verifier", "Golden values appear here as it tells of them.")
                : all.length > 0 ? empty("None matches", `None of ${count(all.length, "golden value")} is like that.`)
                    : empty("No golden value",
                            "Enrolling a host brings its first; later ones come by 'virt-attest golden add HOST'.")));
        say(more, chosen.length > ROWS_MAX ? left_out : "");
    }

    async function read() {
        try {
            all = (await verifier.ask("golden-list")).goldens;
            said.replaceChildren();
        } catch (error) {
            if (verifier.state === "up")
                said.replaceChildren(alert("danger", "The golden values cannot be shown", error.message));
        }
        show();
    }

    return {
        update() {
            const now = `${verifier.state} ${verifier.may_change}`;
            if (now !== was && verifier.state === "up")
                read();
            else if (was === null)
                show();
            was = now;
        },
    };
}

function what_card(verifier, golden) {
    return make("section.card", null, make("h2", null, "What it is"), facts([
        ["Whose", scope_of(golden)], ["Taken", date(golden.created)], ["By", golden.author],
        ["Holds from", golden.valid_from ? date(golden.valid_from) : ""],
        ["Holds until", golden.valid_until ? date(golden.valid_until) : "it is revoked"],
        ["Trusted by it now", count(trusted_by(verifier, golden.id).length, "host")],
    ]), trial_words(golden.trial));
}

function bank_table(bank, pcrs, by_events) {
    const value = (pcr, text) => by_events.has(pcr) ? "each of its events is among these"
        : make("code", null, text ?? "–");

    return make("table.list.pcrs", null, make("caption", null, bank),
                make("tbody", null, Object.entries(pcrs).map(([pcr, text]) => make("tr", null,
                    make("th.name", { scope: "row" }, `PCR ${pcr}`), make("td", null, value(pcr, text))))));
}

function pins_card(golden) {
    const by_events = new Set(golden.by_events === "none" ? [] : String(golden.by_events).split(","));
    const events = golden.events ?? [];

    return make("section.card", null, make("h2", null, "What it pins"),
                Object.entries(golden.pcr_values ?? {}).map(([bank, pcrs]) => bank_table(bank, pcrs, by_events)),
                make("details", null,
                     make("summary", null, `${count(events.length, "event")} of the boot it was taken from`),
                     make("ol.events", null, events.slice(0, EVENTS_MAX).map(e => make("li", null,
                         make("span.tag", null, `PCR ${e.pcr}`), " ", e.text || e.type)))));
}

export function golden_view(verifier, view, [id]) {
    const body = make("div");
    let was = null;

    view.append(make("p.crumbs", null, link("Golden values", "golden"), " › ", `#${id}`), body);

    async function read() {
        try {
            const g = await verifier.ask("golden-show", { id: Number(id) });
            body.replaceChildren(
                make("div.toolbar.title", null, make("h2.host", null, `#${g.id} ${g.label} `, badge(g.state)),
                     actions(verifier, g, read)),
                what_card(verifier, g), pins_card(g));
        } catch (error) {
            if (verifier.state === "up")
                body.replaceChildren(alert("danger", `Golden value ${id} cannot be shown`, error.message));
        }
    }

    return {
        update() {
            const now = `${verifier.state} ${verifier.may_change} ${trusted_by(verifier, Number(id)).length}`;
            if (now !== was && verifier.state === "up")
                read();
            was = now;
        },
    };
}
