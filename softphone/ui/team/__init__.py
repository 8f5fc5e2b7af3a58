"""What a team lead sees and does: the live list of agents, the wallboard, who hears whom.

Thread: main. Made only when a lead opens it; everything shown comes from `desk.team`.
"""
