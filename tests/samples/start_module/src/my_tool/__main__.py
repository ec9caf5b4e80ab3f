from .children import run_children
from .found import FOUND

class Number:
    def __init__(self, value):
        self.value = value

def double(number):
    return Number(2 * number)

if __name__ == "__main__":
    print(any(name.startswith("found.") for name in FOUND))
    run_children(double)
    raise SystemExit(3)
