/* The Sun and eight planets under gravity, n leapfrog steps: square roots, divisions, structs of doubles. */
#include "kernel.h"

typedef struct {
    double x, y, z, vx, vy, vz, mass;
} Body;

enum { BODIES = 9 };
static Body bodies[BODIES];

/* Circular orbits at the planets' distances (astronomical units) and masses (of the Sun), each plane tilted a little. */
static void place(void) {
    static const double distance[BODIES] = {0, 0.387, 0.723, 1.0, 1.524, 5.203, 9.537, 19.19, 30.07};
    static const double mass[BODIES] = {1.0,    1.66e-7, 2.45e-6, 3.0e-6, 3.23e-7,
                                        9.55e-4, 2.86e-4, 4.37e-5, 5.15e-5};
    const double gravity = 39.47841760435743; /* 4 pi^2: years and astronomical units */
    double px = 0, py = 0, pz = 0;
    for (u32 i = 0; i < BODIES; i++) {
        Body *body = &bodies[i];
        double tilt = 0.01 * i, speed = i ? __builtin_sqrt(gravity / distance[i]) : 0;
        *body = (Body){distance[i], 0, 0, 0, speed * (1 - tilt * tilt / 2), speed * tilt, mass[i] * gravity};
        px += body->vx * body->mass, py += body->vy * body->mass, pz += body->vz * body->mass;
    }
    bodies[0].vx = -px / gravity, bodies[0].vy = -py / gravity, bodies[0].vz = -pz / gravity;
}

NOINLINE static void advance(Body *body, double dt) {
    for (u32 i = 0; i < BODIES; i++)
        for (u32 j = i + 1; j < BODIES; j++) {
            Body *p = &body[i], *q = &body[j];
            double dx = p->x - q->x, dy = p->y - q->y, dz = p->z - q->z;
            double square = dx * dx + dy * dy + dz * dz;
            double pull = dt / (square * __builtin_sqrt(square));
            p->vx -= dx * q->mass * pull, p->vy -= dy * q->mass * pull, p->vz -= dz * q->mass * pull;
            q->vx += dx * p->mass * pull, q->vy += dy * p->mass * pull, q->vz += dz * p->mass * pull;
        }
    for (u32 i = 0; i < BODIES; i++)
        body[i].x += dt * body[i].vx, body[i].y += dt * body[i].vy, body[i].z += dt * body[i].vz;
}

static double energy(const Body *body) {
    double sum = 0;
    for (u32 i = 0; i < BODIES; i++) {
        const Body *p = &body[i];
        sum += 0.5 * p->mass * (p->vx * p->vx + p->vy * p->vy + p->vz * p->vz);
        for (u32 j = i + 1; j < BODIES; j++) {
            const Body *q = &body[j];
            double dx = p->x - q->x, dy = p->y - q->y, dz = p->z - q->z;
            sum -= p->mass * q->mass / __builtin_sqrt(dx * dx + dy * dy + dz * dz);
        }
    }
    return sum;
}

KERNEL {
    place();
    u64 sum = bits_of(energy(bodies));
    for (i32 step = 0; step < n; step++) advance(bodies, 0.002);
    return (i64)mix(sum, bits_of(energy(bodies)));
}
