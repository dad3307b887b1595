// SPDX-License-Identifier: LGPL-2.1-or-later
//
// All hosts: a count of each state, and a list with trouble at its head.
import { make, say, ago, date, badge, empty, table_head, link, count } from "./dom.js";
import { state_of, reason_of } from "./verifier.js";

const PAGE_ROWS = 50;
const STATES = ["untrusted", "unreachable", "stale", "unknown", "trusted"]; // trouble first

const shown = { text: "", state: null, page: 0 }; // stays when the reader comes back

const order = new Intl.Collator(undefined, { numeric: true }).compare;

// What matches, by trouble and name.
function choose(verifier, counts) {
    const text = shown.text.toLowerCase();
    const chosen = [];

    for (const standing of verifier.hosts.values()) {
        const state = state_of(standing);
        counts[state]++;
        if (shown.state !== null && state !== shown.state)
            continue;
        if (text !== "" && !standing.host.toLowerCase().includes(text) &&
            !reason_of(standing).toLowerCase().includes(text))
            continue;
        chosen.push({ standing, rank: STATES.indexOf(state) });
    }
    return chosen.sort((a, b) => a.rank - b.rank || order(a.standing.host, b.standing.host));
}

function make_row(host) {
    const cells = {
        state: make("td.state", { "data-label": "Verdict" }),
        why: make("td.why", { "data-label": "Why" }),
        golden: make("td.golden", { "data-label": "Golden value" }),
        age: make("td.age", { "data-label": "Asked" }),
    };
    const name = make("th.name", { scope: "row" }, link(host, "host", host));

    return { element: make("tr", { "data-host": host }, name, cells.state, cells.why, cells.golden, cells.age), cells };
}

function fill_row({ cells }, standing) {
    const state = state_of(standing);

    if (cells.state.firstChild?.dataset.state !== state)
        cells.state.replaceChildren(badge(state));
    say(cells.why, reason_of(standing));
    cells.why.title = cells.why.textContent;
    if (cells.golden.dataset.id !== String(standing.golden)) {
        cells.golden.dataset.id = standing.golden;
        cells.golden.replaceChildren(
            standing.golden ? link(`#${standing.golden}`, "golden", String(standing.golden)) : "");
    }
    say(cells.age, ago(standing.time));
    cells.age.title = date(standing.time);
}

export function hosts_view(verifier, view) {
    const chips = Object.fromEntries([null, ...STATES].map(state => [state, make("button.chip", {
        type: "button", "data-state": state ?? "all",
        onclick: () => go({ state: shown.state === state ? null : state }),
    }, make("b"), make("span", null, state ?? "all hosts"))]));
    const search = make("input.search", {
        type: "search", placeholder: "Find a host or a reason", "aria-label": "Find a host or a reason",
        oninput: () => go({ text: search.value.trim() }),
    });
    const range = make("span.range");
    const turn = (words, sign, by) => make("button.plain", {
        type: "button", "aria-label": words, onclick: () => go({ page: shown.page + by }) }, sign);
    const back = turn("Page before", "‹", -1), on = turn("Next page", "›", 1);
    const body = make("tbody");
    const table = make("table.list.hosts", null, table_head("Host", "Verdict", "Why", "Golden value", "Asked"), body);
    const nothing = make("div");
    const rows = new Map();

    search.value = shown.text;
    view.append(make("div.chips", { role: "group", "aria-label": "Verdicts" }, Object.values(chips)),
                make("div.toolbar", null, search, make("span.pager", null, range, back, on)),
                make("section.card", null, table, nothing));

    function go(what) {
        Object.assign(shown, { page: 0 }, what);
        update();
    }

    function update() {
        const counts = Object.fromEntries(STATES.map(state => [state, 0]));
        const chosen = choose(verifier, counts);
        shown.page = Math.max(0, Math.min(shown.page, Math.ceil(chosen.length / PAGE_ROWS) - 1));
        const first = shown.page * PAGE_ROWS;
        const here = chosen.slice(first, first + PAGE_ROWS).map(c => c.standing);

        for (const [state, chip] of Object.entries(chips)) {
            const n = state === "null" ? verifier.hosts.size : counts[state];
            say(chip.firstChild, n.toLocaleString());
            chip.classList.toggle("none", n === 0);
            chip.setAttribute("aria-pressed", String(shown.state) === state);
        }
        show_rows(here);
        const one_page = chosen.length <= PAGE_ROWS;
        say(range, one_page ? "" : `${first + 1}–${first + here.length} of ${chosen.length.toLocaleString()}`);
        back.hidden = on.hidden = one_page;
        back.disabled = first === 0;
        on.disabled = first + here.length >= chosen.length;
        table.hidden = here.length === 0;
        nothing.replaceChildren(...here.length === 0 ? [why_nothing()] : []);
    }

    // Rows are kept and moved: a link that has the focus keeps it.
    function show_rows(here) {
        const names = new Set(here.map(s => s.host));

        rows.forEach((row, host) => {
            if (!names.has(host)) {
                row.element.remove();
                rows.delete(host);
            }
        });
        here.forEach((standing, i) => {
            if (!rows.has(standing.host))
                rows.set(standing.host, make_row(standing.host));
            const row = rows.get(standing.host);
            fill_row(row, standing);
            if (body.children[i] !== row.element)
                body.insertBefore(row.element, body.children[i] ?? null);
        });
    }

    function show_all() {
        search.value = "";
        go({ text: "", state: null });
    }

    function why_nothing() {
        if (verifier.hosts.size > 0)
            return empty("No host matches", `None of ${count(verifier.hosts.size, "host")} is like that.`,
                         make("button", { type: "button", onclick: show_all }, "Show all"));
        if (verifier.state !== "up" || !verifier.complete)
            return empty("Waiting for the verifier", "Hosts appear here as it tells of them.");
        return empty("No host is enrolled",
                     "On a terminal, 'virt-attest enroll HOST' shows its TPM, its keys and what it booted, and asks.");
    }

    return { update };
}
