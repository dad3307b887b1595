// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Elements, and words for times.  What hosts say of themselves becomes text and
// never markup: nothing here or elsewhere parses HTML.

// make("button.primary.small", {onclick: f, title: "..."}, child...): a child is
// an element, a text, or nothing.
export function make(what, set, ...children) {
    const [name, ...classes] = what.split(".");
    const element = document.createElement(name);

    if (classes.length > 0)
        element.className = classes.join(" ");
    for (const [key, value] of Object.entries(set ?? {})) {
        if (key.startsWith("on"))
            element.addEventListener(key.slice(2), value);
        else if (value === true)
            element.setAttribute(key, "");
        else if (value !== false && value !== null && value !== undefined)
            element.setAttribute(key, value);
    }
    element.append(...children.flat().filter(c => c !== null && c !== undefined && c !== false));
    return element;
}

// An element that did not change keeps the reader's focus and selection.
export function say(element, text) {
    if (element.textContent !== text)
        element.textContent = text;
}

const units = [[86400, "day"], [3600, "hour"], [60, "minute"]];

export function ago(seconds) {
    if (!seconds)
        return "never";
    const age = Math.max(0, Date.now() / 1000 - seconds);
    for (const [size, name] of units) {
        const n = Math.floor(age / size);
        if (n > 0)
            return `${n} ${name}${n > 1 ? "s" : ""} ago`;
    }
    return "just now";
}

const dates = new Intl.DateTimeFormat(cockpit.language.replace("_", "-"), { dateStyle: "medium", timeStyle: "medium" });

export function date(seconds) {
    return seconds ? dates.format(seconds * 1000) : "never";
}

export function when(seconds) {
    return make("time", { title: date(seconds) }, ago(seconds));
}

export function count(n, one, many = one + "s") {
    return `${n.toLocaleString()} ${n === 1 ? one : many}`;
}

const icons = {
    trusted: "✓", untrusted: "✕", unreachable: "⌁", stale: "◔", unknown: "?",
    active: "✓", candidate: "○", revoked: "✕",
    pass: "✓", warn: "!", block: "✕", "not-run": "?",
};

// A state in a word, a colour and a sign: one of them reaches everybody.
export function badge(state, words = state) {
    const known = Object.hasOwn(icons, state) ? state : "unknown";

    return make(`span.badge.is-${known}`, { "data-state": state },
                make("span.sign", { "aria-hidden": "true" }, icons[known]), words);
}

export function alert(kind, title, text, ...actions) {
    return make(`div.alert.is-${kind}`, { role: kind === "danger" ? "alert" : "status" },
                make("strong", null, title), text ? make("p", null, text) : null,
                actions.length > 0 ? make("div.actions", null, ...actions) : null);
}

export function empty(title, text, ...more) {
    return make("div.empty", null, make("h2", null, title), make("p", null, text), ...more);
}

// rows: [name, what] pairs; what is empty is left out.
export function facts(rows) {
    return make("dl.facts", null, rows.filter(([, what]) => what !== null && what !== undefined && what !== "")
        .map(([name, what]) => make("div", null, make("dt", null, name), make("dd", null, what))));
}

export function table_head(...texts) {
    return make("thead", null, make("tr", null, texts.map(text => make("th", { scope: "col" }, text))));
}

export function link(text, ...path) {
    return make("a", { href: "#/" + path.map(encodeURIComponent).join("/") }, text);
}
