# Before the dependencies: what they need of the system would be installed here.
python3 --version
uv --version
