// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Will it run there?  `virt-attest check` for a guest of this machine and a
// destination, what stands in its way first.
import { make, badge, alert, empty, facts, count } from "./dom.js";

// Of a session that is not root's, libvirt would look at its own few guests.
const AS_SYSTEM = 'LIBVIRT_DEFAULT_URI=${LIBVIRT_DEFAULT_URI:-qemu:///system} exec "$@"';
const ENDS = { 2: "may not go", 3: "cannot be reached", 4: "is not known" }; // exit status

const groups = [
    ["block", "In the way", f => f.outcome === "block"],
    ["not-run", "Not known, and in the way", f => f.outcome === "not-run" && f.severity === "block"],
    ["warn", "To think about", f => f.outcome === "warn"],
    ["not-known", "Not known", f => f.outcome === "not-run"],
    ["pass", "In order", () => true],
];

function run(args, options) {
    return cockpit.spawn(["sh", "-c", AS_SYSTEM, "sh", ...args], { superuser: "try", err: "message", ...options });
}

async function guests() {
    return (await run(["virsh", "list", "--name"])).split("\n").filter(Boolean);
}

// Its report is on standard output whether the guest may go or not.
async function check(path, guest, uri) {
    let out = "";
    try {
        await run(["virt-attest", "-S", path, "check", "--json", "--", guest, uri]).stream(text => { out += text; });
    } catch (error) {
        if (!out.trimStart().startsWith("{"))
            throw error;
    }
    return JSON.parse(out);
}

function finding_item(f) {
    const ends = f.source || f.destination ? facts([["here", f.source], ["there", f.destination]]) : null;

    const known = f.outcome !== "not-run";

    return make("li.finding", { "data-id": f.id },
                make("div.where", null, badge(f.outcome, known ? f.id : "not known"),
                     !known && make("span.tag", null, f.id), f.forced && make("span.tag", null, "forced")),
                make("p", null, f.text, f.more ? ` (and ${f.more} more)` : ""), ends,
                f.remedy ? make("p.remedy", null, f.remedy) : null);
}

function report(r) {
    const left = new Set(r.findings ?? []);
    const way = r.status === 0 ? "may go" : ENDS[r.status] ?? "may not go";
    const sections = groups.map(([state, title, belongs]) => {
        const own = [...left].filter(belongs);
        own.forEach(f => left.delete(f));
        if (own.length === 0)
            return null;
        const list = make("ul.findings", null, own.map(finding_item));
        return make("section.card.findings-of", { "data-group": state }, state === "pass"
            ? make("details", null, make("summary", null, `${title} (${own.length})`), list)
            : [make("h2", null, `${title} (${own.length})`), list]);
    });
    return [
        alert(r.status === 0 ? "success" : "danger", `${r.domain} ${way} to ${r.destination}`,
              r.error ?? `${count((r.findings ?? []).length, "check")} looked at the guest and both hosts.`),
        ...sections.filter(Boolean),
    ];
}

export function check_view(verifier, view) {
    const guest = make("select", { id: "guest", required: true });
    const uri = make("input", { id: "uri", required: true, list: "destinations", spellcheck: "false",
                                autocomplete: "off", placeholder: "qemu+tls://HOST/system" });
    const destinations = make("datalist", { id: "destinations" });
    const go = make("button.primary", { type: "submit" }, "Check");
    const said = make("div", { id: "report", "aria-live": "polite" });
    let known = -1;

    view.append(make("section.card", null, make("form.fields", { onsubmit: submit },
        make("label", { for: "guest" }, "Guest"), guest,
        make("label", { for: "uri" }, "Destination"), uri, destinations, go)), said);

    (async () => {
        try {
            const names = await guests();
            guest.replaceChildren(...names.map(name => make("option", null, name)));
            if (names.length === 0)
                said.replaceChildren(empty("No guest runs here",
                    "A guest that runs on this machine can be checked for each destination."));
        } catch (error) {
            said.replaceChildren(alert("warning", "The guests of this machine cannot be listed", error.message));
        }
    })();

    async function submit(event) {
        event.preventDefault();
        go.disabled = true;
        said.replaceChildren(make("p.quiet", null, "Asking both hosts …"));
        try {
            said.replaceChildren(...report(await check(verifier.path, guest.value, uri.value.trim())));
        } catch (error) {
            said.replaceChildren(alert("danger", "The check could not be made", error.message));
        }
        go.disabled = false;
    }

    return {
        update() {
            if (known === verifier.hosts.size)
                return;
            known = verifier.hosts.size;
            destinations.replaceChildren(...[...verifier.hosts.keys()].sort().slice(0, 500)
                .map(host => make("option", { value: `qemu+tls://${host}/system` })));
        },
    };
}
