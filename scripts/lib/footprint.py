"""Starts the binary again and again, with the embedded default, and prints what it weighs as a table for the README."""

import contextlib
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

import grpc

STARTS = 10
IDLE_SECONDS = 2
# HealthCheckResponse { status: SERVING }, in bytes, which spares a generated client.
SERVING = b"\x08\x01"


@contextlib.contextmanager
def started(binary, directory):
    """A process in `directory`, with the milliseconds that it took from exec to SERVING."""
    begin = time.perf_counter()
    environment = {"ACCOUNTD_GRPC__LISTEN": "127.0.0.1:0"}
    with subprocess.Popen(
        [binary], cwd=directory, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            address = process.stdout.readline().split()[-1]
            with grpc.insecure_channel(address) as channel:
                check = channel.unary_unary("/grpc.health.v1.Health/Check")
                while check(b"", timeout=10) != SERVING:
                    time.sleep(0.001)
            yield process, (time.perf_counter() - begin) * 1000
        finally:
            process.terminate()


def resident_mib(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE).group(1)) / 1024


def main():
    binary = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as directory:
        with started(binary, directory) as (_, first):
            pass
        times = []
        for _ in range(STARTS):
            with started(binary, directory) as (_, took):
                times.append(took)
        with started(binary, directory) as (process, _):
            time.sleep(IDLE_SECONDS)
            resident = resident_mib(process)
    print("| the release binary | |")
    print("|---|--:|")
    print(f"| size, stripped | {binary.stat().st_size / 2**20:.1f} MiB |")
    print(f"| from exec to SERVING, median of {STARTS} starts | {statistics.median(times):.0f} ms |")
    print(f"| the same on an empty directory | {first:.0f} ms |")
    print(f"| resident after {IDLE_SECONDS} s idle | {resident:.1f} MiB |")


if __name__ == "__main__":
    main()
