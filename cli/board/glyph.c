/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Letters that a terminal is known to show in one or two cells and as they
 * come, left to right (Unicode 15, East Asian Width); all others are escaped.
 */
#include "board/canvas.h"

static const struct {
	uint32_t first, last;
	uint8_t width;
} known[] = {
    {0x0020, 0x007e, 1}, /* ASCII */
    {0x00a1, 0x00ac, 1}, /* Latin-1; U+00AD is a hyphen that is not seen */
    {0x00ae, 0x02ff, 1}, /* Latin, phonetic */
    {0x0370, 0x0377, 1}, /* Greek */
    {0x037a, 0x037f, 1},   {0x0384, 0x038a, 1}, {0x038c, 0x038c, 1},
    {0x038e, 0x03a1, 1},   {0x03a3, 0x0482, 1}, /* ... and Cyrillic */
    {0x048a, 0x052f, 1},   {0x10d0, 0x10ff, 1}, /* Georgian */
    {0x1e00, 0x1eff, 1},                        /* Latin */
    {0x2010, 0x2015, 1},                        /* dashes, quotation marks */
    {0x2018, 0x201f, 1},   {0x2020, 0x2022, 1}, {0x2026, 0x2026, 1},
    {0x2030, 0x203a, 1},   {0x20a0, 0x20bf, 1}, /* money */
    {0x2190, 0x21ff, 1},                        /* arrows */
    {0x2500, 0x257f, 1},                        /* lines */
    {0x3041, 0x3096, 2},                        /* Hiragana, Katakana */
    {0x30a1, 0x30ff, 2},   {0x3400, 0x4dbf, 2}, /* Han */
    {0x4e00, 0x9fff, 2},   {0xac00, 0xd7a3, 2}, /* Hangul */
    {0xf900, 0xfa6d, 2},   {0xff01, 0xff60, 2}, /* full-width ASCII */
    {0x20000, 0x2a6df, 2},
};

size_t
glyph_width(uint32_t letter)
{
	for (size_t i = 0; i < LENGTH_OF(known); i++)
		if (letter <= known[i].last)
			return letter >= known[i].first ? known[i].width : 0;
	return 0;
}
