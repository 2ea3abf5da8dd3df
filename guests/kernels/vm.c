/* An interpreter inside the interpreter: a stack machine with one `switch` in a loop (br_table), running a program that
 * follows the Collatz sequence of every start below n. */
#include "kernel.h"

enum Code {
    HALT,
    PUSH,  /* a number */
    LOAD,  /* a variable */
    STORE, /* a variable */
    ADD,
    SUBTRACT,
    MULTIPLY,
    AND,
    SHIFT_RIGHT,
    LESS,
    EQUAL,
    DUPLICATE,
    SWAP,
    MAXIMUM,
    JUMP,         /* a target */
    JUMP_IF_ZERO, /* a target */
    CALL,         /* a target */
    RETURN
};

enum Variable { START, VALUE, STEPS, LONGEST, TOTAL, BOUND, VARIABLES };

enum { CODE_LIMIT = 256, STACK_LIMIT = 64 };
static u32 code[CODE_LIMIT];
static u32 code_length;
static i64 variables[VARIABLES];

static void op(enum Code opcode) { code[code_length++] = opcode; }

static void op_with(enum Code opcode, u32 operand) {
    code[code_length++] = opcode;
    code[code_length++] = operand;
}

/* A jump whose target is not known yet; the result goes to `land`. */
static u32 jump_ahead(enum Code opcode) {
    op_with(opcode, 0);
    return code_length - 1;
}

static void land(u32 jump) { code[jump] = code_length; }

static void add_to(enum Variable variable, u32 amount) {
    op_with(LOAD, variable);
    op_with(PUSH, amount);
    op(ADD);
    op_with(STORE, variable);
}

/*  start = 1; while (start < bound) { value = start; steps = 0; follow(); longest = max(longest, steps); start++ }
 *  follow: while (value != 1) { value = value & 1 ? 3 * value + 1 : value >> 1; steps++; total++ }
 */
static void assemble(void) {
    code_length = 0;
    op_with(PUSH, 1);
    op_with(STORE, START);
    u32 outer = code_length;
    op_with(LOAD, START);
    op_with(LOAD, BOUND);
    op(LESS);
    u32 done = jump_ahead(JUMP_IF_ZERO);
    op_with(LOAD, START);
    op_with(STORE, VALUE);
    op_with(PUSH, 0);
    op_with(STORE, STEPS);
    u32 follow = jump_ahead(CALL);
    op_with(LOAD, LONGEST);
    op_with(LOAD, STEPS);
    op(MAXIMUM);
    op_with(STORE, LONGEST);
    add_to(START, 1);
    op_with(JUMP, outer);
    land(done);
    op_with(LOAD, TOTAL);
    op_with(LOAD, LONGEST);
    op(SWAP);
    op(SUBTRACT);
    op(HALT);
    land(follow);
    u32 inner = code_length;
    op_with(PUSH, 1);
    op_with(LOAD, VALUE);
    op(EQUAL);
    u32 more = jump_ahead(JUMP_IF_ZERO);
    op(RETURN);
    land(more);
    op_with(LOAD, VALUE);
    op(DUPLICATE);
    op_with(PUSH, 1);
    op(AND);
    u32 even = jump_ahead(JUMP_IF_ZERO);
    op_with(PUSH, 3);
    op(MULTIPLY);
    op_with(PUSH, 1);
    op(ADD);
    u32 joined = jump_ahead(JUMP);
    land(even);
    op_with(PUSH, 1);
    op(SHIFT_RIGHT);
    land(joined);
    op_with(STORE, VALUE);
    add_to(STEPS, 1);
    add_to(TOTAL, 1);
    op_with(JUMP, inner);
}

NOINLINE static i64 interpret(const u32 *ip) {
    i64 stack[STACK_LIMIT];
    const u32 *calls[STACK_LIMIT];
    i64 *top = stack;
    const u32 **call = calls;
    i64 right;
    for (;;) {
        switch (*ip++) {
        case HALT: return top[-1];
        case PUSH: *top++ = *ip++; break;
        case LOAD: *top++ = variables[*ip++]; break;
        case STORE: variables[*ip++] = *--top; break;
        case ADD: right = *--top, top[-1] += right; break;
        case SUBTRACT: right = *--top, top[-1] -= right; break;
        case MULTIPLY: right = *--top, top[-1] *= right; break;
        case AND: right = *--top, top[-1] &= right; break;
        case SHIFT_RIGHT: right = *--top, top[-1] >>= right; break;
        case LESS: right = *--top, top[-1] = top[-1] < right; break;
        case EQUAL: right = *--top, top[-1] = top[-1] == right; break;
        case DUPLICATE: top[0] = top[-1], top++; break;
        case SWAP: right = top[-1], top[-1] = top[-2], top[-2] = right; break;
        case MAXIMUM: right = *--top, top[-1] = top[-1] > right ? top[-1] : right; break;
        case JUMP: ip = code + *ip; break;
        case JUMP_IF_ZERO: ip = *--top ? ip + 1 : code + *ip; break;
        case CALL: *call++ = ip + 1, ip = code + *ip; break;
        case RETURN: ip = *--call; break;
        default: return -1;
        }
    }
}

KERNEL {
    for (u32 i = 0; i < VARIABLES; i++) variables[i] = 0;
    variables[BOUND] = n;
    assemble();
    i64 result = interpret(code);
    return (i64)mix((u64)result, (u64)variables[TOTAL]);
}
