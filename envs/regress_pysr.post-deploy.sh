# Installs Julia and its packages once, before jobs that need them start side by side. Where they
# can't be had the stage goes on without PySR and says why.
python -c "import pysr" || echo "Julia could not be installed; PySR will not take part" >&2
