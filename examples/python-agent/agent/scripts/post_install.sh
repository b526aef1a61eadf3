# After the dependencies: the place for what the agent remembers.
mkdir -p ~/surveyor
