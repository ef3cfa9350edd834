import type { Draw } from '../draw.ts'

/** The lines of one event, as the receiver joins them. */
export function line(draw: Draw, n: number): string {
  const stamp = `${(draw.time(n) / 1000).toFixed(3)}:${10_000 + n}`
  const auid = 1000 + draw.int(200)
  const ses = draw.int(5000)
  if (draw.oneIn(3)) {
    return `type=USER_LOGIN msg=audit(${stamp}): pid=${draw.int(32_768)} uid=0 auid=${auid} ses=${ses} subj=unconfined msg='op=login id=${auid} exe="/usr/sbin/sshd" hostname=host${draw.int(90)} addr=${draw.ip()} terminal=/dev/pts/0 res=success'`
  }
  const file = `/etc/${draw.pick(['passwd', 'shadow', 'hosts'])}`
  return [
    `type=SYSCALL msg=audit(${stamp}): arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=7ffd a2=0 a3=0 items=1 ppid=${draw.int(32_768)} pid=${draw.int(32_768)} auid=${auid} uid=${auid} gid=${auid} euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=${ses} comm="cat" exe="/usr/bin/cat" key="identity"`,
    `type=CWD msg=audit(${stamp}): cwd="/root"`,
    `type=PATH msg=audit(${stamp}): item=0 name="${file}" inode=${draw.int(1e6)} dev=fd:00 mode=0100644 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL`,
    `type=PROCTITLE msg=audit(${stamp}): proctitle=636174002F6574632F${Buffer.from(file.slice(5)).toString('hex').toUpperCase()}`,
  ].join('\n')
}

export const fields = (text: string): unknown =>
  text.split('\n').map((each) => each.split(' ').map((pair) => pair.split('=')))
