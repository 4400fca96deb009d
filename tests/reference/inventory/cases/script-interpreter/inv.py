#!/usr/bin/python3
import json,sys,os
print(json.dumps({"web":{"hosts":["a"],"vars":{"cwd":os.path.basename(os.getcwd()),"args":sys.argv[1:], "inv": os.environ.get("INVENTORY_X")}}, "_meta":{"hostvars":{}}}))
