//! System calls, by seccomp.
//!
//! The two processes that handle what nobody trusts have a list of what they may call; anything
//! else ends them at once. Some calls are refused and not deadly, since libraries make them in
//! passing and go on without. The connector, which links much that calls much, has a list of what
//! it may not.

use std::{collections::BTreeMap, io};

use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Memory, time, the end: what computing takes.
const COMPUTE: &[c_long] = &[
    libc::SYS_brk,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_close,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_madvise,
    libc::SYS_membarrier,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_nanosleep,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_sigaltstack,
];

/// Threads, for the compiler.
const THREADS: &[c_long] = &[
    libc::SYS_clone,
    libc::SYS_clone3,
    libc::SYS_rseq,
    libc::SYS_set_robust_list,
];

/// Refused, and nothing more: WASI asks for a socket before it says no to a guest, the standard
/// library looks at control groups to count processors, and the like.
const REFUSED: &[c_long] = &[
    libc::SYS_faccessat,
    libc::SYS_fcntl,
    libc::SYS_fstat,
    libc::SYS_getcwd,
    libc::SYS_getrusage,
    libc::SYS_ioctl,
    libc::SYS_lseek,
    libc::SYS_newfstatat,
    libc::SYS_openat,
    libc::SYS_ppoll,
    libc::SYS_prctl,
    libc::SYS_prlimit64,
    libc::SYS_readlinkat,
    libc::SYS_seccomp,
    libc::SYS_socket,
    libc::SYS_statx,
    libc::SYS_sysinfo,
    libc::SYS_uname,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_access,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_open,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_poll,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_readlink,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_stat,
];

/// What a connector never does: change what the machine runs, look into other processes, become
/// somebody else, or reach the kernel by doors that it doesn't need.
const ADMINISTRATION: &[c_long] = &[
    libc::SYS_acct,
    libc::SYS_bpf,
    libc::SYS_chroot,
    libc::SYS_clock_settime,
    libc::SYS_delete_module,
    libc::SYS_fanotify_init,
    libc::SYS_finit_module,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fsopen,
    libc::SYS_init_module,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_kcmp,
    libc::SYS_kexec_load,
    libc::SYS_mknodat,
    libc::SYS_mount,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_open_tree,
    libc::SYS_perf_event_open,
    libc::SYS_personality,
    libc::SYS_pidfd_getfd,
    libc::SYS_pivot_root,
    libc::SYS_process_madvise,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    libc::SYS_quotactl,
    libc::SYS_reboot,
    libc::SYS_setdomainname,
    libc::SYS_setgid,
    libc::SYS_setgroups,
    libc::SYS_sethostname,
    libc::SYS_setns,
    libc::SYS_setregid,
    libc::SYS_setresgid,
    libc::SYS_setresuid,
    libc::SYS_setreuid,
    libc::SYS_settimeofday,
    libc::SYS_setuid,
    libc::SYS_swapoff,
    libc::SYS_swapon,
    libc::SYS_syslog,
    libc::SYS_umount2,
    libc::SYS_unshare,
    libc::SYS_userfaultfd,
    libc::SYS_vhangup,
    // It polls and posts; nobody calls on it.
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_listen,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_mknod,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_modify_ldt,
];

/// Standard input, output and threads; code is made here, so memory may become executable.
pub(super) fn compiler() -> Result<bool, String> {
    let mut rules = allowed();
    for &call in THREADS {
        rules.insert(call, vec![]);
    }
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        rules.insert(call, vec![]);
    }
    confine(rules)
}

/// Standard input and output. Memory that may be written never becomes executable.
pub(super) fn parser() -> Result<bool, String> {
    let mut rules = allowed();
    let not_executable = || -> Result<_, String> {
        let executable = SeccompCmpOp::MaskedEq(u64::from(libc::PROT_EXEC.unsigned_abs()));
        rule(2, SeccompCmpArgLen::Dword, executable, 0)
    };
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        rules.insert(call, vec![not_executable()?]);
    }
    confine(rules)
}

/// Everything but [`ADMINISTRATION`] and sockets of families that nothing here speaks.
pub(super) fn host() -> Result<bool, String> {
    let mut rules: Rules = ADMINISTRATION.iter().map(|&call| (call, vec![])).collect();
    // Resolvers need the last.
    let spoken = [
        libc::AF_UNIX,
        libc::AF_INET,
        libc::AF_INET6,
        libc::AF_NETLINK,
    ]
    .map(i32::unsigned_abs)
    .map(u64::from);
    let conditions = spoken
        .into_iter()
        .map(|family| condition(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, family))
        .collect::<Result<_, _>>()?;
    let foreign = SeccompRule::new(conditions).map_err(|e| e.to_string())?;
    rules.insert(libc::SYS_socket, vec![foreign]);
    let filter = program(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM.unsigned_abs()),
    )?;
    apply(&filter)
}

/// What both confined processes may do: reading from nothing but standard input, writing to
/// nothing but standard output, so that a file descriptor left open by mistake is of no use.
fn allowed() -> Rules {
    let mut rules: Rules = COMPUTE
        .iter()
        .chain(REFUSED)
        .map(|&call| (call, vec![]))
        .collect();
    let fd = |number| rule(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, number);
    let input = fd(0).expect("the first argument");
    let outputs = vec![fd(1).expect("as above"), fd(2).expect("as above")];
    rules.insert(libc::SYS_read, vec![input]);
    rules.insert(libc::SYS_write, outputs);
    // Ending itself after a failed assertion, and nobody else.
    rules.insert(libc::SYS_tgkill, vec![]);
    rules
}

/// `rules` and what is refused; anything else ends the process.
fn confine(rules: Rules) -> Result<bool, String> {
    let refused = REFUSED.iter().map(|&call| (call, vec![])).collect();
    let refusing = program(
        refused,
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM.unsigned_abs()),
    )?;
    let confining = program(rules, SeccompAction::KillProcess, SeccompAction::Allow)?;
    // In this order: the second takes away the call that puts up another.
    Ok(apply(&confining)? && apply(&refusing)?)
}

fn rule(
    argument: u8,
    length: SeccompCmpArgLen,
    operator: SeccompCmpOp,
    value: u64,
) -> Result<SeccompRule, String> {
    SeccompRule::new(vec![condition(argument, length, operator, value)?]).map_err(|e| e.to_string())
}

fn condition(
    argument: u8,
    length: SeccompCmpArgLen,
    operator: SeccompCmpOp,
    value: u64,
) -> Result<SeccompCondition, String> {
    SeccompCondition::new(argument, length, operator, value).map_err(|e| e.to_string())
}

fn program(
    rules: Rules,
    otherwise: SeccompAction,
    matched: SeccompAction,
) -> Result<BpfProgram, String> {
    let here = std::env::consts::ARCH.try_into();
    let here = here.map_err(|e| format!("seccomp: {e}"))?;
    SeccompFilter::new(rules, otherwise, matched, here)
        .and_then(BpfProgram::try_from)
        .map_err(|e| format!("seccomp: {e}"))
}

/// On all threads of this process. `false` where the kernel has no seccomp.
fn apply(filter: &BpfProgram) -> Result<bool, String> {
    match seccompiler::apply_filter_all_threads(filter) {
        Ok(()) => Ok(true),
        Err(seccompiler::Error::Prctl(e) | seccompiler::Error::Seccomp(e))
            if matches!(e.raw_os_error(), Some(libc::ENOSYS | libc::EINVAL)) =>
        {
            Ok(false)
        }
        Err(e) => Err(format!("seccomp: {e} ({})", io::Error::last_os_error())),
    }
}
