package edge

import (
	"bufio"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// killCaller kills the function process at the other end of a connection, as a crash or the platform would: no signal handler runs.
// A process that is not a Lambda function (SAM, a test, the launcher itself) is left alone. remote is "127.0.0.1:<port>".
func killCaller(remote string) {
	address, err := netip.ParseAddrPort(remote)
	if err != nil {
		return
	}
	inode := socketInode(address.Port())
	if inode == "" {
		return
	}
	for _, pid := range functionProcesses() {
		if ownsSocket(pid, inode) {
			syscall.Kill(pid, syscall.SIGKILL)
			return
		}
	}
}

// socketInode finds the socket whose local end is this loopback port.
func socketInode(port uint16) string {
	table, err := os.Open("/proc/net/tcp")
	if err != nil {
		return ""
	}
	defer table.Close()
	local := fmt.Sprintf("0100007F:%04X", port) // 127.0.0.1 as the kernel prints it
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) > 9 && fields[1] == local && fields[9] != "0" {
			return fields[9]
		}
	}
	return ""
}

// functionProcesses lists the processes that run a Lambda function's program, which is always called bootstrap.
func functionProcesses() (pids []int) {
	names, _ := filepath.Glob("/proc/[0-9]*/comm") // the pattern is well formed
	for _, name := range names {
		if program, err := os.ReadFile(name); err == nil && strings.TrimSpace(string(program)) == "bootstrap" {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name))) // digits by the pattern
			pids = append(pids, pid)
		}
	}
	return pids
}

func ownsSocket(pid int, inode string) bool {
	links, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid)) // the pattern is well formed
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && target == "socket:["+inode+"]" {
			return true
		}
	}
	return false
}
