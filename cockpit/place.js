// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Where the verifier's control socket is, and whether its word counts.

const CONFIGURATION = "/etc/virt-attest/verifierd.conf";
const DEFAULT = "/run/virt-attest/verifierd.sock";
const ACCOUNT = "virt-attest-verifierd";
const PATH_MAX = 107; // of a sockaddr_un

// A comment, a text, a name, or a sign of libconfig's.
const TOKEN = /#[^\n]*|\/\/[^\n]*|\/\*[^]*?\*\/|"(?:[^"\\]|\\.)*"|[A-Za-z*][-\w*]*|[=:]/g;

// The key `socket` of a libconfig text.  What is spelt in a way that this does
// not read, is refused and not guessed at.
export function socket_of(text) {
    const tokens = (text.match(TOKEN) ?? []).filter(t => !/^(#|\/)/.test(t));
    const at = tokens.indexOf("socket");

    if (at < 0)
        return DEFAULT;
    const [sign, value = "", next = ""] = tokens.slice(at + 1);
    const path = value.slice(1, -1);
    if (!["=", ":"].includes(sign) || !value.startsWith('"/') || next.startsWith('"') || /[\\\0]/.test(path) ||
        new TextEncoder().encode(path).length > PATH_MAX)
        throw new Error(`'socket' in ${CONFIGURATION} is no absolute path that this page can take`);
    return path;
}

// A file that is not there, or not for this account, is one that says nothing.
export async function socket_path() {
    const file = cockpit.file(CONFIGURATION);

    try {
        return socket_of(await file.read() ?? "");
    } catch (error) {
        if (error.problem === "access-denied")
            return DEFAULT;
        throw error;
    } finally {
        file.close();
    }
}

function folders_to(path) {
    const names = path.split("/").slice(1, -1);

    return ["/", ...names.map((_, i) => "/" + names.slice(0, i + 1).join("/"))];
}

// The bridge does not tell who serves a socket.  Its owner is who made it, when
// nobody else can put another in its place: each folder on the way belongs to
// root, the service or the caller, and others may not write there, or only add
// (sticky).  As common/sys/control.c, which asks the kernel.
export async function check_owner(path, superuser) {
    const real = (await cockpit.spawn(["realpath", "-e", "--", path], { err: "message", superuser })).trimEnd();
    const lines = await cockpit.spawn(["stat", "-c", "%U %a %n", "--", real, ...folders_to(real)],
                                      { err: "message", superuser });
    const me = (await cockpit.user()).name;

    for (const line of lines.trimEnd().split("\n")) {
        const [, owner, mode, name] = line.match(/^(\S+) ([0-7]+) (.*)$/) ?? [null, "?", "777", line];
        const bits = parseInt(mode, 8);

        if (!["root", ACCOUNT, me].includes(owner))
            throw new Error(`${name} belongs to ${owner}, not to ${ACCOUNT}: ` +
                            "what is said there is not taken for the verifier's word");
        if (name !== real && (bits & 0o022) !== 0 && (bits & 0o1000) === 0)
            throw new Error(`others may write to ${name}: whoever made ${path} need not be the verifier`);
    }
}
