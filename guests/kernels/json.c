/* JSON: n rounds of parsing a generated document into a tree, and of printing the tree again; the two texts must be
 * equal. Recursive descent, byte classification, linked nodes from a bump allocator. */
#include "kernel.h"

typedef enum { NIL, FALSE, TRUE, NUMBER, STRING, ARRAY, OBJECT } Kind;

typedef struct Node Node;
struct Node {
    Kind kind;
    u32 length;       /* of the text, or the number of members */
    const u8 *text;   /* of a string, or of a member's name */
    double number;
    const u8 *name;
    u32 name_length;
    Node *first, *next;
};

enum { TEXT_LIMIT = 1 << 17, NODE_LIMIT = 1 << 14 };
static u8 document[TEXT_LIMIT], printed[TEXT_LIMIT];
static Node nodes[NODE_LIMIT];
static u32 node_count;

/* ---- printing ---- */

typedef struct {
    u8 *at, *end;
} Writer;

static void put(Writer *out, u8 byte) {
    if (out->at < out->end) *out->at++ = byte;
}

static void put_text(Writer *out, const char *text) {
    while (*text) put(out, (u8)*text++);
}

/* Numbers here are integers or have up to three decimals: printed exactly. */
static void put_number(Writer *out, double value) {
    u8 digits[24];
    u32 count = 0;
    if (value < 0) {
        put(out, '-');
        value = -value;
    }
    u64 thousandths = (u64)(value * 1000 + 0.5), whole = thousandths / 1000;
    u32 rest = (u32)(thousandths % 1000);
    do digits[count++] = (u8)('0' + whole % 10);
    while (whole /= 10);
    while (count) put(out, digits[--count]);
    if (!rest) return;
    put(out, '.');
    for (u32 unit = 100; unit && rest; unit /= 10) {
        put(out, (u8)('0' + rest / unit));
        rest %= unit;
    }
}

static void put_string(Writer *out, const u8 *text, u32 length) {
    put(out, '"');
    for (u32 i = 0; i < length; i++) put(out, text[i]);
    put(out, '"');
}

static void print(Writer *out, const Node *node) {
    switch (node->kind) {
    case NIL: put_text(out, "null"); break;
    case FALSE: put_text(out, "false"); break;
    case TRUE: put_text(out, "true"); break;
    case NUMBER: put_number(out, node->number); break;
    case STRING: put_string(out, node->text, node->length); break;
    case ARRAY:
    case OBJECT:
        put(out, node->kind == ARRAY ? '[' : '{');
        for (const Node *member = node->first; member; member = member->next) {
            if (member != node->first) put(out, ',');
            if (node->kind == OBJECT) {
                put_string(out, member->name, member->name_length);
                put(out, ':');
            }
            print(out, member);
        }
        put(out, node->kind == ARRAY ? ']' : '}');
        break;
    }
}

/* ---- parsing ---- */

typedef struct {
    const u8 *at, *end;
    i32 failed;
} Reader;

static u8 peek(const Reader *in) { return in->at < in->end ? *in->at : 0; }

static void skip_space(Reader *in) {
    while (in->at < in->end && (*in->at == ' ' || *in->at == '\n' || *in->at == '\t' || *in->at == '\r')) in->at++;
}

static void expect(Reader *in, const char *text) {
    for (; *text; text++) {
        if (peek(in) != (u8)*text) {
            in->failed = 1;
            return;
        }
        in->at++;
    }
}

/* The text stays where it is, escapes included. */
static void parse_string(Reader *in, const u8 **text, u32 *length) {
    expect(in, "\"");
    const u8 *from = in->at;
    while (in->at < in->end && *in->at != '"') in->at += *in->at == '\\' ? 2 : 1;
    *text = from;
    *length = (u32)(in->at - from);
    expect(in, "\"");
}

static double parse_number(Reader *in) {
    i32 negative = peek(in) == '-';
    in->at += negative;
    double value = 0, scale = 1;
    const u8 *from = in->at;
    while (peek(in) >= '0' && peek(in) <= '9') value = value * 10 + (*in->at++ - '0');
    if (peek(in) == '.') {
        in->at++;
        while (peek(in) >= '0' && peek(in) <= '9') {
            value = value * 10 + (*in->at++ - '0');
            scale *= 10;
        }
    }
    if (in->at == from) in->failed = 1;
    value /= scale;
    return negative ? -value : value;
}

static Node *parse(Reader *in, u32 depth) {
    if (node_count == NODE_LIMIT || depth == 64) {
        in->failed = 1;
        return &nodes[0];
    }
    Node *node = &nodes[node_count++];
    *node = (Node){NIL, 0, 0, 0, 0, 0, 0, 0};
    skip_space(in);
    u8 first = peek(in);
    switch (first) {
    case 'n': expect(in, "null"); break;
    case 'f': node->kind = FALSE, expect(in, "false"); break;
    case 't': node->kind = TRUE, expect(in, "true"); break;
    case '"': node->kind = STRING, parse_string(in, &node->text, &node->length); break;
    case '[':
    case '{': {
        node->kind = first == '[' ? ARRAY : OBJECT;
        u8 close = first == '[' ? ']' : '}';
        Node **link = &node->first;
        in->at++;
        skip_space(in);
        while (!in->failed && peek(in) != close) {
            const u8 *name = 0;
            u32 name_length = 0;
            if (node->length) expect(in, ",");
            if (node->kind == OBJECT) {
                skip_space(in);
                parse_string(in, &name, &name_length);
                skip_space(in);
                expect(in, ":");
            }
            Node *member = parse(in, depth + 1);
            member->name = name, member->name_length = name_length;
            *link = member, link = &member->next;
            node->length++;
            skip_space(in);
        }
        in->at++;
        break;
    }
    default: node->kind = NUMBER, node->number = parse_number(in); break;
    }
    return node;
}

/* ---- the document: records as a web service would send them ---- */

static void put_word(Writer *out, u64 *seed) {
    put(out, '"');
    for (u32 length = 3 + random_below(seed, 12); length; length--) put(out, (u8)('a' + random_below(seed, 26)));
    if (!random_below(seed, 8)) put_text(out, "\\n\\\"");
    put(out, '"');
}

static u32 generate(void) {
    u64 seed = 31337;
    Writer out = {document, document + sizeof(document)};
    put_text(&out, "{\"records\":[");
    for (u32 i = 0; i < 400; i++) {
        if (i) put(&out, ',');
        put_text(&out, "{\"id\":");
        put_number(&out, i);
        put_text(&out, ",\"name\":");
        put_word(&out, &seed);
        put_text(&out, ",\"active\":");
        put_text(&out, random_below(&seed, 2) ? "true" : "false");
        put_text(&out, ",\"score\":");
        put_number(&out, (double)random_below(&seed, 1000000) / 8.0 - 50000);
        put_text(&out, ",\"parent\":null,\"tags\":[");
        for (u32 tags = random_below(&seed, 5), j = 0; j < tags; j++) {
            if (j) put(&out, ',');
            put_word(&out, &seed);
        }
        put_text(&out, "],\"position\":{\"x\":");
        put_number(&out, random_below(&seed, 4096));
        put_text(&out, ",\"y\":");
        put_number(&out, (double)random_below(&seed, 4096) / 2);
        put_text(&out, "}}");
    }
    put_text(&out, "]}");
    return (u32)(out.at - document);
}

KERNEL {
    u64 sum = 0;
    u32 length = generate();
    for (i32 round = 0; round < n; round++) {
        Reader in = {document, document + length, 0};
        node_count = 0;
        const Node *root = parse(&in, 0);
        if (in.failed || in.at != in.end) return -1;
        Writer out = {printed, printed + sizeof(printed)};
        print(&out, root);
        if ((u32)(out.at - printed) != length) return -2;
        for (u32 i = 0; i < length; i++)
            if (printed[i] != document[i]) return -3;
        sum = mix(sum, node_count);
        /* Another document each time: one digit of the first record's number moves. */
        document[18] = (u8)('0' + (round + 1) % 10);
    }
    for (u32 i = 0; i < length; i++) sum = mix(sum, printed[i]);
    return (i64)sum;
}
