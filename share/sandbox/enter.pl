# Becomes a program inside a sandbox: same pid, same session, same output.
#
#     perl enter.pl WORD... -- PROGRAM ARGUMENT...
#
# The words come from src/host/sandbox. Each is done in this order:
#
#     keep PATH        what is there now, to read, also below a cover
#     lend PATH AT     the same at AT, to read and to write
#     cover DIR        an empty directory over DIR that can only be read
#     private DIR      an empty directory over DIR that can be written to
#     link PATH TEXT   a symbolic link below a cover
#     linking DIR      symbolic links may be made in DIR, and nowhere else
#     apart            no signals to processes outside, nor connections to their abstract sockets
#     filter NAME      the system calls of a list below fail
#     cwd DIR          where the program starts
#     probe            tells what this kernel can do instead of starting a program
#
# The names of the program's environment have MFSERV_INSIDE_ in front of them: what LD_PRELOAD or PERL5OPT of a plugin do to a
# program must not be done to this one, which is still outside.
# Each module that Perl loads here is a millisecond of every start.
use strict;

# Numbers of the system: the first for x86_64, the second for aarch64.
my %CALLS = (
    acct => [163, 89], add_key => [248, 217], bpf => [321, 280], capset => [126, 91], clock_settime => [227, 112], clone => [56, 220],
    clone3 => [435, 435], delete_module => [176, 106], finit_module => [313, 273], fsconfig => [431, 431], fsmount => [432, 432],
    fsopen => [430, 430], fspick => [433, 433], init_module => [175, 105], io_uring_enter => [426, 426],
    io_uring_register => [427, 427], io_uring_setup => [425, 425], kcmp => [312, 272], kexec_file_load => [320, 294],
    kexec_load => [246, 104], keyctl => [250, 219], landlock_add_rule => [445, 445], landlock_create_ruleset => [444, 444], landlock_restrict_self => [446, 446],
    mount => [165, 40], mount_setattr => [442, 442], move_mount => [429, 429], open_by_handle_at => [304, 265],
    open_tree => [428, 428], perf_event_open => [298, 241], pivot_root => [155, 41], prctl => [157, 167],
    process_vm_readv => [310, 270], process_vm_writev => [311, 271], ptrace => [101, 117], quotactl => [179, 60], reboot => [169, 142],
    request_key => [249, 218], seccomp => [317, 277], setdomainname => [171, 162], setgroups => [116, 159], sethostname => [170, 161], setns => [308, 268],
    settimeofday => [164, 170], socket => [41, 198], swapoff => [168, 225], swapon => [167, 224], syslog => [103, 116],
    umount2 => [166, 39], unshare => [272, 97], userfaultfd => [323, 282], vhangup => [153, 58],
);

my ($EPERM, $ENOENT, $EACCES, $ENOSYS) = (1, 2, 13, 38);

# What no program of a plugin needs, and what a fault of the kernel is reached by.
my @NEVER = qw(acct add_key bpf clock_settime delete_module finit_module fsconfig fsmount fsopen fspick init_module kexec_file_load
    kexec_load keyctl mount mount_setattr move_mount open_by_handle_at open_tree perf_event_open pivot_root quotactl reboot
    request_key setdomainname sethostname setns settimeofday swapoff swapon syslog umount2 userfaultfd vhangup);
# Programs do without these when the kernel says that it does not know them.
my @UNKNOWN = qw(io_uring_enter io_uring_register io_uring_setup);
my ($NEW_USER_NAMESPACE, $AF_UNIX, $AF_NETLINK) = (0x10000000, 1, 16);
my %FILTERS = (
    usual => [(map { [$_, $EPERM] } @NEVER), (map { [$_, $ENOSYS] } @UNKNOWN)],
    offline => [
        (map { [$_, $EPERM] } @NEVER),
        (map { [$_, $ENOSYS] } @UNKNOWN),
        ['socket', $EACCES, only => [$AF_UNIX, $AF_NETLINK]],
    ],
    strict => [
        (map { [$_, $EPERM] } @NEVER, qw(kcmp process_vm_readv process_vm_writev ptrace unshare)),
        # glibc goes on with clone, whose flags a filter can see.
        (map { [$_, $ENOSYS] } @UNKNOWN, 'clone3'),
        ['clone', $EPERM, with => $NEW_USER_NAMESPACE],
        ['socket', $EACCES, only => [$AF_UNIX, $AF_NETLINK]],
    ],
);

my ($ARCHITECTURE, $COLUMN) = -e '/lib64/ld-linux-x86-64.so.2' ? (0xC000003E, 0) : (0xC00000B7, 1);
my ($CLONE_NEWUSER, $CLONE_NEWNS) = (0x10000000, 0x00020000);
my ($AT_FDCWD, $AT_EMPTY_PATH, $AT_RECURSIVE, $OPEN_TREE_CLONE, $CLOEXEC) = (-100, 0x1000, 0x8000, 1, 0x80000);
my ($READ_ONLY, $NOSUID, $NODEV, $FROM_EMPTY_PATH) = (1, 2, 4, 4);
my ($SET_NO_NEW_PRIVS, $CAPBSET_DROP, $SET_SECUREBITS, $NO_ROOT_LOCKED) = (38, 24, 28, 3);

sub call { my ($name, @arguments) = @_; return syscall($CALLS{$name}[$COLUMN], @arguments) }

sub fail { my ($what) = @_; my $why = "$!"; print STDERR "mfserv sandbox: $what: $why\n"; exit 126 }

sub write_to { my ($file, $text) = @_;
    open(my $out, '>', $file) or return 0;
    return defined syswrite($out, $text) }

# A user namespace of its own, in which it is who it was, and its own view of the mounts.
sub enter_namespaces {
    my ($uid, $gid) = ($> + 0, $) + 0);
    call('unshare', $CLONE_NEWUSER | $CLONE_NEWNS) == 0 or return 'a user namespace';
    for (['setgroups', 'deny'], ['uid_map', "$uid $uid 1"], ['gid_map', "$gid $gid 1"]) {
        write_to("/proc/self/$_->[0]", $_->[1]) or return 'the users of a user namespace';
    }
    return;
}

sub set_mount { my ($directory, $path, $flags, $set, $clear) = @_;
    return call('mount_setattr', $directory, $path, $flags, pack('QQQQ', $set, $clear, 0, 0), 32) == 0 }

sub cover { my ($path, $size) = @_;
    return call('mount', 'tmpfs', $path, 'tmpfs', $NOSUID | $NODEV, "mode=0700,nr_inodes=4096,size=$size") == 0 }

sub make_way { my ($path, $is_directory) = @_;
    my $at = '';
    for my $name (split m{/}, $path =~ s{^/+}{}r) {
        $at .= "/$name";
        last if $at eq $path && !$is_directory;
        -d $at or mkdir($at, 0700) or fail("cannot make $at");
    }
    return if $is_directory || -e $path;
    open(my $made, '>', $path) or fail("cannot make $path");
}

sub see { my ($words) = @_;
    my @trees = map { { from => $_->[1], at => $_->[0] eq 'lend' ? $_->[2] : $_->[1], is => $_->[0] } }
        grep { $_->[0] eq 'keep' || $_->[0] eq 'lend' } @$words;
    for my $tree (@trees) {
        $tree->{directory} = -d $tree->{from} ? 1 : 0;
        $tree->{fd} = call('open_tree', $AT_FDCWD, $tree->{from}, $OPEN_TREE_CLONE | $AT_RECURSIVE | $CLOEXEC);
        $tree->{fd} >= 0 or fail("cannot keep $tree->{from}");
    }
    set_mount($AT_FDCWD, '/', $AT_RECURSIVE, $READ_ONLY, 0) or fail('cannot make the system read-only');
    # What a thread writes about itself there is refused to nobody; settings of the system belong to root.
    set_mount($AT_FDCWD, '/proc', 0, 0, $READ_ONLY) or fail('cannot open /proc') if $> != 0;
    my @covers = grep { $_->[0] eq 'cover' || $_->[0] eq 'private' } @$words;
    # Each is made before the one below it.
    for my $word (sort { length $a->[1] <=> length $b->[1] } @covers) {
        make_way($word->[1], 1);
        cover($word->[1], $word->[0] eq 'cover' ? '1m' : '25%') or fail("cannot cover $word->[1]");
    }
    for my $word (grep { $_->[0] eq 'link' } @$words) {
        make_way($word->[1] =~ s{/[^/]*$}{}r, 1);
        -l $word->[1] or symlink($word->[2], $word->[1]) or fail("cannot link $word->[1]");
    }
    for my $tree (sort { length $a->{at} <=> length $b->{at} } @trees) {
        make_way($tree->{at}, $tree->{directory});
        if ($tree->{is} eq 'keep') {
            set_mount($tree->{fd}, '', $AT_EMPTY_PATH | $AT_RECURSIVE, $READ_ONLY, 0) or fail("cannot make $tree->{at} read-only");
        }
        call('move_mount', $tree->{fd}, '', $AT_FDCWD, $tree->{at}, $FROM_EMPTY_PATH) == 0 or fail("cannot show $tree->{at}");
    }
    for my $word (grep { $_->[0] eq 'cover' } @covers) {
        set_mount($AT_FDCWD, $word->[1], 0, $READ_ONLY, 0) or fail("cannot close $word->[1]");
    }
}

sub drop_capabilities {
    call('prctl', $SET_SECUREBITS, $NO_ROOT_LOCKED, 0, 0, 0);
    for my $one (0 .. 63) { last if call('prctl', $CAPBSET_DROP, $one, 0, 0, 0) != 0 }
    call('capset', pack('LL', 0x20080522, 0), pack('L6', (0) x 6)) == 0 or fail('cannot drop capabilities');
}

my ($MAKE_LINK, $MOVE) = (1 << 12, 1 << 13);

# What nginx finds under a name that a plugin may give away is what nginx may read, so it must not lead elsewhere. Links are kept
# in since Linux 5.19 (version 2 of Landlock), signals since 6.12 (version 6).
sub set_apart { my (@linking) = @_;
    my $version = call('landlock_create_ruleset', 0, 0, 1);
    return if $version < 2;
    my $attributes = pack('QQQ', $MAKE_LINK | $MOVE, 0, $version < 6 ? 0 : 3);
    my $rules = call('landlock_create_ruleset', $attributes, $version < 6 ? 8 : 24, 0);
    $rules >= 0 or fail('cannot set it apart');
    # To move files between directories is no more than to make and remove them.
    for (['/', $MOVE], map { [$_, $MAKE_LINK | $MOVE] } @linking) {
        my ($path, $allowed) = @$_;
        open(my $directory, '<', $path) or fail("cannot open $path");
        call('landlock_add_rule', $rules, 1, pack('Ql', $allowed, fileno($directory)), 0) == 0 or fail("cannot allow links in $path");
    }
    call('landlock_restrict_self', $rules, 0) == 0 or fail('cannot set it apart');
}

sub statement { return pack('SCCL', @_) }

sub filter { my ($rules) = @_;
    my ($load, $equal, $at_least, $any_bit, $return, $refused) = (0x20, 0x15, 0x35, 0x45, 0x06, 0x00050000);
    my $text = statement($load, 0, 0, 4) . statement($equal, 1, 0, $ARCHITECTURE) . statement($return, 0, 0, $refused | $ENOSYS);
    $text .= statement($load, 0, 0, 0);
    # Of another calling convention of the same machine.
    $text .= statement($at_least, 0, 1, 0x40000000) . statement($return, 0, 0, $refused | $ENOSYS) if $COLUMN == 0;
    for my $rule (@$rules) {
        my ($name, $error, $when, $value) = @$rule;
        my $number = $CALLS{$name}[$COLUMN];
        my $refuse = statement($return, 0, 0, $refused | $error);
        if (!defined $when) { $text .= statement($equal, 0, 1, $number) . $refuse; next }
        my @only = $when eq 'only' ? @$value : ();
        my $checks = $when eq 'with' ? statement($any_bit, 0, 1, $value)
            : join('', map { statement($equal, @only - $_, 0, $only[$_]) } 0 .. $#only);
        my $count = $when eq 'with' ? 1 : scalar @only;
        $text .= statement($equal, 0, $count + 3, $number) . statement($load, 0, 0, 16) . $checks . $refuse . statement($load, 0, 0, 0);
    }
    $text .= statement($return, 0, 0, 0x7FFF0000);
    my $program = pack('Sx6P', length($text) / 8, $text);
    call('seccomp', 1, 0, $program) == 0 or fail('cannot filter system calls');
}

sub probe {
    my $landlock = call('landlock_create_ruleset', 0, 0, 1);
    my $missing = enter_namespaces();
    my $why = defined $missing ? "$missing: $!" : '';
    if ($why eq '') { cover('/proc', '1m') or $why = "a mount in a user namespace: $!" }
    if ($why eq '') { set_mount($AT_FDCWD, '/proc', 0, $READ_ONLY, 0) or $why = "mount_setattr: $!" }
    call('prctl', $SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    my $filters = eval { filter($FILTERS{usual}); 1 } ? 1 : 0;
    printf "landlock=%d\nfilter=%d\nview=%s\n", $landlock < 0 ? 0 : $landlock, $filters, $why;
    exit 0;
}

my @words;
my %taking = (keep => 1, lend => 2, cover => 1, private => 1, link => 2, linking => 1, apart => 0, filter => 1, cwd => 1, probe => 0);
while (@ARGV) {
    my $word = shift @ARGV;
    last if $word eq '--';
    exists $taking{$word} or fail("unknown word $word");
    push @words, [$word, splice(@ARGV, 0, $taking{$word})];
}
my %said = map { $_->[0] => $_->[1] // 1 } @words;
probe() if $said{probe};
if (grep { /^(cover|private|keep|lend)$/ } keys %said) {
    my $missing = enter_namespaces();
    fail("this system refuses $missing") if defined $missing;
    see(\@words);
}
chdir($said{cwd}) or fail("cannot work in $said{cwd}") if defined $said{cwd};
drop_capabilities();
call('prctl', $SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 or fail('cannot give up privileges');
set_apart(map { $_->[1] } grep { $_->[0] eq 'linking' } @words) if $said{apart};
# php-fpm as root insists on being given its groups, which are those that it has.
my @as_root = $> == 0 ? (['setgroups', 0]) : ();
filter([@{$FILTERS{$said{filter}}}, @as_root]) if defined $said{filter};
my %inside = map { /^MFSERV_INSIDE_(.*)$/s ? ($1 => $ENV{$_}) : () } keys %ENV;
%ENV = %inside;
exec { $ARGV[0] } @ARGV or do { print STDERR "mfserv sandbox: failed to execute $ARGV[0]: $!\n"; exit($! == $ENOENT ? 127 : 126) };
