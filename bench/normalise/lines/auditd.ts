import type { Draw } from '../draw.ts'

const programs = ['/usr/bin/cat', '/usr/bin/grep', '/usr/sbin/sshd', '/usr/bin/sudo', '/usr/bin/curl']

/** A program that was started, with its lines; once in four the message of a daemon. */
export function line(draw: Draw, n: number): string {
  const stamp = `msg=audit(${(draw.time(n) / 1000).toFixed(3)}:${n})`
  if (draw.oneIn(4)) {
    return `type=USER_ACCT ${stamp}: pid=${draw.int(32_768)} uid=0 auid=4294967295 ses=4294967295 subj=system_u:system_r:sshd_t:s0-s0:c0.c1023 msg='op=PAM:accounting grantors=pam_unix,pam_localuser acct="${draw.user()}" exe="/usr/sbin/sshd" hostname=${draw.ip()} addr=${draw.ip()} terminal=ssh res=success'`
  }
  const program = draw.pick(programs)
  const name = program.slice(program.lastIndexOf('/') + 1)
  const user = 1000 + draw.int(50)
  return [
    `type=SYSCALL ${stamp}: arch=c000003e syscall=59 success=yes exit=0 a0=${draw.hex(7)} a1=${draw.hex(7)} a2=${draw.hex(7)} a3=${draw.hex(12)} items=2 ppid=${draw.int(32_768)} pid=${draw.int(32_768)} auid=${user} uid=${draw.pick([user, 0])} gid=${user} euid=${user} suid=${user} fsuid=${user} egid=${user} sgid=${user} fsgid=${user} tty=pts1 ses=${draw.int(900)} comm="${name}" exe="${program}" subj=unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023 key="user_commands"`,
    `type=EXECVE ${stamp}: argc=3 a0="${name}" a1="-n" a2="${draw.hex(8)}"`,
    `type=CWD ${stamp}:  cwd="/home/${draw.user()}"`,
    `type=PATH ${stamp}: item=0 name="${program}" inode=${draw.int(99_999)} dev=08:01 mode=0100755 ouid=0 ogid=0 rdev=00:00 obj=system_u:object_r:bin_t:s0 nametype=NORMAL`,
    `type=PATH ${stamp}: item=1 name="/lib64/ld-linux-x86-64.so.2" inode=${draw.int(99_999)} dev=08:01 mode=0100755 ouid=0 ogid=0 rdev=00:00 obj=system_u:object_r:ld_so_t:s0 nametype=NORMAL`,
    `type=PROCTITLE ${stamp}: proctitle=636174002D6E`,
  ].join('\n')
}

/** Lines into their pairs. */
export function fields(text: string): unknown {
  return text.split('\n').map((one) => {
    const pairs: Record<string, string> = {}
    for (const pair of one.split(' ')) {
      const at = pair.indexOf('=')
      pairs[pair.slice(0, at)] = pair.slice(at + 1)
    }
    return pairs
  })
}
