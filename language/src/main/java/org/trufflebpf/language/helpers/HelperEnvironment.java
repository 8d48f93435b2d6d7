package org.trufflebpf.language.helpers;

import java.util.function.Consumer;
import org.trufflebpf.io.net.NetworkView;
import org.trufflebpf.language.runtime.Clock;

/**
 * What helpers need from outside the program; fixed for an instance.
 *
 * @param clock behind bpf_ktime_get_ns
 * @param foldsChecksums whether bpf_csum_diff gives 16 bits, as since Linux 6.13
 * @param cookies of the bpf_tcp_raw_*_syncookie_* helpers
 * @param network behind bpf_fib_lookup and bpf_check_mtu
 * @param trace takes each line that bpf_trace_printk makes, without a line end, on the worker's thread
 */
public record HelperEnvironment(Clock clock, Consumer<String> trace, boolean foldsChecksums, SynCookies cookies, NetworkView network) {
}
