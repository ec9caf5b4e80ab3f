"""How much the fuzzers try: FUZZ=100 makes it a hundred times as much as CI."""

import os

EXAMPLES = 100 * int(os.environ.get("FUZZ", "1"))
