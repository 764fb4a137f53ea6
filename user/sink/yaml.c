// SPDX-License-Identifier: BSD-2-Clause
#include "sink/yaml.h"

#include <stdbool.h>
#include <string.h>
#include <yaml.h>

static int write_out(void *out, unsigned char *data, size_t size)
{
	return fwrite(data, 1, size, out) == size;
}

static void emit_text(yaml_emitter_t *emitter, const char *text, yaml_scalar_style_t style)
{
	yaml_event_t event;

	if (yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text,
					 (int)strlen(text), true, true, style))
		yaml_emitter_emit(emitter, &event);
}

static void emit(yaml_emitter_t *emitter, struct json_object *value);

static void emit_object(yaml_emitter_t *emitter, struct json_object *object)
{
	yaml_event_t event;

	yaml_mapping_start_event_initialize(&event, NULL, NULL, true, YAML_ANY_MAPPING_STYLE);
	yaml_emitter_emit(emitter, &event);
	json_object_object_foreach(object, key, member)
	{
		emit_text(emitter, key, YAML_ANY_SCALAR_STYLE);
		emit(emitter, member);
	}
	yaml_mapping_end_event_initialize(&event);
	yaml_emitter_emit(emitter, &event);
}

static void emit_array(yaml_emitter_t *emitter, struct json_object *array)
{
	yaml_event_t event;

	yaml_sequence_start_event_initialize(&event, NULL, NULL, true, YAML_ANY_SEQUENCE_STYLE);
	yaml_emitter_emit(emitter, &event);
	for (size_t i = 0; i < json_object_array_length(array); i++)
		emit(emitter, json_object_array_get_idx(array, i));
	yaml_sequence_end_event_initialize(&event);
	yaml_emitter_emit(emitter, &event);
}

/* A text is in quotes, so that no name is a number, a date or a truth. */
static void emit(yaml_emitter_t *emitter, struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_object:
		emit_object(emitter, value);
		break;
	case json_type_array:
		emit_array(emitter, value);
		break;
	case json_type_string:
		emit_text(emitter, json_object_get_string(value), YAML_DOUBLE_QUOTED_SCALAR_STYLE);
		break;
	default:
		emit_text(emitter, value ? json_object_get_string(value) : "null",
			  YAML_PLAIN_SCALAR_STYLE);
	}
}

void yaml_print(struct json_object *document, FILE *out)
{
	yaml_emitter_t emitter;
	yaml_event_t event;

	yaml_emitter_initialize(&emitter);
	yaml_emitter_set_output(&emitter, write_out, out);
	yaml_emitter_set_width(&emitter, -1);
	yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING);
	yaml_emitter_emit(&emitter, &event);
	yaml_document_start_event_initialize(&event, NULL, NULL, NULL, false);
	yaml_emitter_emit(&emitter, &event);
	emit(&emitter, document);
	yaml_document_end_event_initialize(&event, true);
	yaml_emitter_emit(&emitter, &event);
	yaml_stream_end_event_initialize(&event);
	yaml_emitter_emit(&emitter, &event);
	yaml_emitter_delete(&emitter);
	json_object_put(document);
}
