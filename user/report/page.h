/* SPDX-License-Identifier: BSD-2-Clause */
/* How the page looks. */
#ifndef NSVIGIL_REPORT_PAGE_H
#define NSVIGIL_REPORT_PAGE_H

extern const char page_style[];

#endif
