/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events as the bytes of a capture, and back. A record says how it differs from one that came
 * before, so both sides keep the same tables of records: what one codec has encoded, another one
 * decodes in the same order, from the same restart on. docs/capture.md has the format.
 */
#ifndef NSVIGIL_CAPTURE_CODEC_H
#define NSVIGIL_CAPTURE_CODEC_H

#include "capture/layout.h"

struct codec;

struct codec *codec_new(void) __attribute__((returns_nonnull));
void codec_free(struct codec *codec); /* NULL is fine */

/* Forgets all records. */
void codec_restart(struct codec *codec);

/* Of the event before the next one: numbers and times are told from it. */
void codec_set_base(struct codec *codec, uint64_t seq, uint64_t boot_ns);
uint64_t codec_seq(const struct codec *codec);
uint64_t codec_boot_ns(const struct codec *codec);

/* The most bytes that a record takes. */
#define ENCODED_MAX (2 * RECORD_MAX)

/*
 * Writes a record to out[0, ENCODED_MAX). Returns its length, -ENOENT if captures know no such
 * type, or -EPROTO if the record contradicts the protocol.
 */
long codec_encode(struct codec *codec, const struct nsv_event *event, uint8_t *out);

struct codec_skipped {
	uint64_t events; /* of types that are not known here */
	uint64_t fields; /* likewise */
};

/*
 * Reads a record from in[0, size) and sets the event, which is the codec's and holds until the
 * next call; NULL if its type is not known, which is counted. Returns the record's length, or
 * -EPROTO.
 */
long codec_decode(struct codec *codec, const uint8_t *in, size_t size,
		  const struct nsv_event **event, struct codec_skipped *skipped);

#endif
