# Sockets of the behaviour test.
#
# serve ADDRESS PORT...          listens on PORT/tcp or PORT/udp until killed
# probe NAME ADDRESS PORT...     prints NAME and the ports that answer
use strict;
use warnings;
use IO::Socket::IP;

# What is open answers at once, but on a busy machine not within a second.
my $timeout = 3;
my ($mode, @arguments) = @ARGV;
$mode eq 'serve' ? serve(@arguments) : probe(@arguments);

sub serve {
    my ($address, @ports) = @_;
    my @sockets = map { listener($address, split '/') } @ports;
    # Whoever waits for this line may connect.
    $| = 1;
    print "ready\n";
    for my $socket (@sockets) {
        next if fork;
        answer($socket);
    }
    sleep;
}

sub listener {
    my ($address, $port, $protocol) = @_;
    my @listen = $protocol eq 'tcp' ? (Listen => 50) : ();
    push @listen, V6Only => 1 if $address =~ /:/;
    return IO::Socket::IP->new(
        LocalHost => $address, LocalPort => $port, Proto => $protocol, ReuseAddr => 1, @listen,
    ) || die "$address $port/$protocol: $@";
}

sub answer {
    my ($socket) = @_;
    if ($socket->socktype == Socket::SOCK_STREAM) {
        while (my $client = $socket->accept) { print $client "hello\n"; close $client }
    }
    while (my $sender = $socket->recv(my $message, 100)) { $socket->send('hello', 0, $sender) }
}

sub probe {
    my ($name, $address, @ports) = @_;
    my %probes = map { start($address, split '/'), $_ } @ports;
    my %answers;
    for my $process (keys %probes) {
        waitpid $process, 0;
        $answers{ $probes{$process} } = 1 if $? == 0;
    }
    print join(' ', "$name:", grep { $answers{$_} } @ports), "\n";
}

# A process of its own for each port, so that all wait at once.
sub start {
    my ($address, $port, $protocol) = @_;
    my $process = fork;
    return $process if $process;
    $SIG{ALRM} = sub { exit 1 };
    alarm 2 * $timeout;
    my $socket = IO::Socket::IP->new(
        PeerHost => $address, PeerPort => $port, Proto => $protocol, Timeout => $timeout,
    ) or exit 1;
    $socket->send('hello') if $protocol eq 'udp';
    my $ready = '';
    vec($ready, fileno $socket, 1) = 1;
    exit 1 unless select $ready, undef, undef, $timeout;
    exit($socket->sysread(my $message, 100) ? 0 : 1);
}
