// Threads that compute, without any memory in common, for some seconds; says how many rounds they get done together in a second of a processor each.
//     threads COUNT SECONDS
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MOST 64
#define ROUNDS 100000

static double duration;

static double seconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void *compute(void *result) {
    double end = seconds(CLOCK_MONOTONIC) + duration;
    uint64_t rounds = 0;
    // Four chains of multiplications and shifts: an arithmetic unit is never idle for long, as in programs and packet generators.
    uint64_t a = 1, b = 2, c = 3, d = 4;
    while (seconds(CLOCK_MONOTONIC) < end) {
        for (int i = 0; i < ROUNDS; i++) {
            a = a * 0x9e3779b97f4a7c15 ^ a >> 29;
            b = b * 0xbf58476d1ce4e5b9 ^ b >> 31;
            c = c * 0x94d049bb133111eb ^ c >> 27;
            d = d * 0x2545f4914f6cdd1d ^ d >> 25;
        }
        rounds += ROUNDS;
    }
    // What is computed must be used, or there is nothing to compute.
    *(double *) result = (rounds + ((a ^ b ^ c ^ d) == 0)) / seconds(CLOCK_THREAD_CPUTIME_ID);
    return NULL;
}

int main(int count, char **arguments) {
    int threads = count < 3 ? 0 : atoi(arguments[1]);
    if (threads < 1 || threads > MOST) {
        return 2;
    }
    duration = atof(arguments[2]);
    pthread_t all[MOST];
    double results[MOST];
    for (int i = 0; i < threads; i++) {
        if (pthread_create(&all[i], NULL, compute, &results[i]) != 0) {
            return 1;
        }
    }
    double sum = 0;
    for (int i = 0; i < threads; i++) {
        pthread_join(all[i], NULL);
        sum += results[i];
    }
    printf("%.0f\n", sum);
    return 0;
}
