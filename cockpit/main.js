// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The page: which view, what the verifier's state says above it, and the theme.
import { make, alert } from "./dom.js";
import { Verifier } from "./verifier.js";
import { hosts_view } from "./hosts.js";
import { host_view } from "./host.js";
import { goldens_view, golden_view } from "./golden.js";
import { check_view } from "./check.js";

const TICK_MS = 1000; // ages, and trust that ends in silence

const tabs = [["Hosts", ""], ["Golden values", "golden"], ["Before a migration", "check"]];
const verifier = new Verifier();
const notices = document.getElementById("notices");
const view = document.getElementById("view");
let current = null, was = null;

function open_view() {
    const [what = "", ...rest] = cockpit.location.path;
    const tab = what === "host" ? "" : what;

    document.getElementById("tabs").replaceChildren(...tabs.map(([words, path]) =>
        make("a", { href: "#/" + path, "aria-current": path === tab ? "page" : null }, words)));
    view.replaceChildren();
    if (what === "host" && rest.length > 0)
        current = host_view(verifier, view, rest);
    else if (what === "golden")
        current = rest.length > 0 ? golden_view(verifier, view, rest) : goldens_view(verifier, view);
    else if (what === "check")
        current = check_view(verifier, view);
    else
        current = hosts_view(verifier, view);
    current.update();
}

function again() {
    return make("button.small", { type: "button", onclick: () => verifier.connect() }, "Try again");
}

function service() {
    const path = "/system/services#/virt-attest-verifierd.service";

    return make("button.small", {
        type: "button", onclick: () => cockpit.jump(path, cockpit.transport.host) }, "Show the service");
}

// One notice at a time; it is made anew only when it says something else.
function notice() {
    switch (verifier.state) {
    case "down":
        return alert("danger", "The verifier does not answer",
                     `${verifier.why}. ${verifier.hosts.size > 0 ? "What is shown is what it said last. " : ""}` +
                     "This page goes on by itself when it is back.", again(), service());
    case "denied":
        return alert("warning", "You may not ask the verifier",
                     `The verifier says: ${verifier.why}. Turn on administrative access, ` +
                     "or become a member of the group that verifierd.conf names (read_group).", again());
    case "up":
        return verifier.may_change ? null
            : alert("info", "Read only", "Turn on administrative access to approve and revoke golden values.");
    default:
        return null;
    }
}

function update() {
    const now = `${verifier.state} ${verifier.why} ${verifier.may_change} ${verifier.hosts.size > 0}`;

    if (now !== was) {
        was = now;
        notices.replaceChildren(...[notice()].filter(Boolean));
        document.body.dataset.verifier = verifier.state;
        document.body.classList.toggle("last-heard", verifier.state !== "up");
    }
    current?.update();
}

// As Cockpit's own pages: the shell's choice, or the system's.
function theme(event) {
    const style = event?.detail?.style ?? localStorage.getItem("shell:style") ?? "auto";
    const dark = style === "dark" || (style === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);

    document.documentElement.dataset.theme = dark ? "dark" : "light";
}

theme();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => theme());
addEventListener("storage", event => event.key === "shell:style" && theme());
addEventListener("cockpit-style", theme);

cockpit.addEventListener("locationchanged", open_view);
verifier.addEventListener("changed", update);
setInterval(() => cockpit.hidden || update(), TICK_MS);
cockpit.addEventListener("visibilitychange", () => cockpit.hidden || update());
open_view();
verifier.connect();
