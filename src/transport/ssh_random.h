/*
 * ssh_random.h - where the random bytes of ssh come from: the kernel.
 *
 * Each packet wants some for its padding, and OpenSSL's own generator costs more for them than
 * their encryption. From here on it hands out bytes of getrandom(2), which each thread fetches for
 * many packets at a time; so it does to all who ask OpenSSL for random bytes, for keys as well.
 */
#pragma once

/* For the process, once. */
void ssh_random_init(void);
