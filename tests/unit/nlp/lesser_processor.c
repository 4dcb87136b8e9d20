/* Preloaded into a process, hides instructions of the processor: cpuid traps (Linux on x86-64, processors with
 * "CPUID faulting") and is answered without the bits that LESSER_PROCESSOR names. Libraries that choose their
 * code by cpuid then choose what they would choose on such a processor. */
#define _GNU_SOURCE
#include <cpuid.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { ARCH_SET_CPUID = 0x1012, TRAPS = 0, ANSWERS = 1 };
enum { ALL, NO_AMX, NO_VNNI, NO_AVX512 };

static const char *const NAMES[] = {"all", "no-amx", "no-vnni", "no-avx512"};
static struct sigaction before;
static int hidden;

static void hide_in_leaf_7(unsigned *ebx, unsigned *ecx, unsigned *edx) {
    if (hidden >= NO_AMX) *edx &= ~(1u << 22 | 1u << 24 | 1u << 25);
    if (hidden >= NO_VNNI) *ecx &= ~(1u << 11);
    if (hidden >= NO_AVX512) {
        *ebx &= ~(1u << 16 | 1u << 17 | 1u << 21 | 1u << 28 | 1u << 30 | 1u << 31);
        *ecx &= ~(1u << 1 | 1u << 6 | 1u << 12 | 1u << 14);
        *edx &= ~(1u << 23);
    }
}

static void hide_in_leaf_7_1(unsigned *eax, unsigned *edx) {
    if (hidden >= NO_VNNI) {
        *eax &= ~(1u << 4);
        *edx &= ~(1u << 4 | 1u << 10);
    }
    if (hidden >= NO_AVX512) *eax &= ~(1u << 5);
}

static void answer(int signal, siginfo_t *info, void *context) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    const unsigned char *code = (const unsigned char *)registers[REG_RIP];
    unsigned leaf = registers[REG_RAX], part = registers[REG_RCX], eax, ebx, ecx, edx;
    (void)signal, (void)info;
    if (code[0] != 0x0f || code[1] != 0xa2) { /* no cpuid: a true fault, which comes again */
        sigaction(SIGSEGV, &before, NULL);
        return;
    }
    syscall(SYS_arch_prctl, ARCH_SET_CPUID, ANSWERS);
    __cpuid_count(leaf, part, eax, ebx, ecx, edx);
    syscall(SYS_arch_prctl, ARCH_SET_CPUID, TRAPS);
    if (leaf == 7 && part == 0) hide_in_leaf_7(&ebx, &ecx, &edx);
    if (leaf == 7 && part == 1) hide_in_leaf_7_1(&eax, &edx);
    registers[REG_RAX] = eax, registers[REG_RBX] = ebx, registers[REG_RCX] = ecx, registers[REG_RDX] = edx;
    registers[REG_RIP] += 2;
}

__attribute__((constructor)) static void start(void) {
    const char *name = getenv("LESSER_PROCESSOR");
    struct sigaction trap = {.sa_sigaction = answer, .sa_flags = SA_SIGINFO | SA_NODEFER};
    for (int i = 0; name && i <= NO_AVX512; i++)
        if (!strcmp(name, NAMES[i])) hidden = i;
    sigaction(SIGSEGV, &trap, &before);
    syscall(SYS_arch_prctl, ARCH_SET_CPUID, TRAPS);
}
