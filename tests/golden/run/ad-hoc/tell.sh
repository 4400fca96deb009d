echo "script $1"
