#!/usr/bin/perl
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# audit-export.pl FILE KEY.pem: an export of virt-attest's audit log, verified
# from proto/PROTOCOL.md, "The audit log", alone: Perl's own modules and openssl.
use strict;
use warnings;
use Digest::SHA qw(sha256);
use File::Temp;
use JSON::PP;
use MIME::Base64;

my ($file, $pem) = @ARGV;
die "usage: $0 FILE KEY.pem\n" unless @ARGV == 2;
sub refuse { print STDERR "$file: ", @_, "\n"; exit 2 }
sub sized { my ($bytes) = @_; utf8::encode($bytes) if utf8::is_utf8($bytes); pack('n/a*', $bytes) }
sub unbase64url { my ($text) = @_; $text =~ tr,-_,+/,; decode_base64($text) }
sub number { my ($n) = @_; $n =~ s/^\x00+//; $n = "\0$n" if $n eq '' || ord($n) > 127; "\2" . pack('C/a*', $n) }
sub file_of { my $f = File::Temp->new; binmode $f; print $f $_[0]; close $f; $f }

open my $in, '<', $file or die "$file: $!\n";
my $begin = decode_json(<$in> // '');
refuse "no export" unless ($begin->{'virt-attest-audit'} // 0) == 1;
my ($size, $hash) = ($begin->{size}, pack('H*', $begin->{head}));
my $checkpoint;
while (my $text = <$in>) {
	my $line = decode_json($text);
	refuse "something stands behind the checkpoint" if defined $checkpoint;
	if (defined $line->{checkpoint}) { $checkpoint = $line->{checkpoint}; next }
	refuse "line ", $size + 1, " is missing" unless $line->{sequence} == ++$size;
	$hash = sha256(sized('virt-attest audit 1'), sized($hash), pack('Q>Q>', $size, $line->{time}),
		map { sized($line->{$_}) } qw(actor event subject detail));
	refuse "line $size is not what was written" unless unpack('H*', $hash) eq $line->{hash};
}
refuse "it has no checkpoint: it is not whole" unless defined $checkpoint;

my ($header, $claims, $signature) = split /\./, $checkpoint;
my ($r, $s) = unpack 'a32a32', unbase64url($signature);
my $points = number($r) . number($s);
my ($der, $signed) = (file_of("\x30" . pack('C/a*', $points)), file_of("$header.$claims"));
system('openssl', 'dgst', '-sha256', '-verify', $pem, '-signature', "$der", "$signed") == 0
	or refuse "its checkpoint is not signed by this key";
my $is = decode_json(unbase64url($header));
refuse "signed, but no checkpoint" unless $is->{typ} eq 'virt-attest-audit+jwt' && $is->{alg} eq 'ES256';
my $said = decode_json(unbase64url($claims));
refuse "the checkpoint is of another log"
	unless $said->{size} == $size && $said->{head} eq unpack('H*', $hash);
print 'lines ', $begin->{size} + 1, " to $size hold, signed ", scalar gmtime($said->{iat}), " UTC\n";
