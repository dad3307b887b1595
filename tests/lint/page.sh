#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The Cockpit page: what hosts say is text and never markup; script stands in
# files, where the page's content security policy lets it.
set -eu -o pipefail
bad=0
if git grep -nE '(inner|outer)HTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|\beval\b|new Function|srcdoc' -- 'cockpit/*.js'; then
	echo "  ... makes markup or code of a text"
	bad=1
fi
if git grep -nE '<[a-z][^>]* on[a-z]+=|javascript:|<script>' -- 'cockpit/*.html'; then
	echo "  ... a script inside a page"
	bad=1
fi
exit $bad
