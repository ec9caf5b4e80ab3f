import multiprocessing
import signal
import sys
import time

def run_children(function):
    for method in ("fork", "spawn", "forkserver"):
        with multiprocessing.get_context(method).Pool(2) as pool:
            numbers = [number.value for number in pool.map(function, [1, 2])]
            wait = sys.argv[1:] == [method]
            if wait:
                pool.map_async(time.sleep, [60, 60])
                # Later than the children, which a fork would give the handler too.
                signal.signal(signal.SIGTERM, lambda *_: sys.exit(4))
            print(method, numbers, flush=True)
            while wait:
                time.sleep(0.1)
