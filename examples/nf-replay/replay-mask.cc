/*
 * SPDX-License-Identifier: GPL-2.0-only
 */
#include "replay-mask.h"

#include <cstdio>
#include <regex>

namespace replay
{

namespace
{

/// @return the text with the first match of the pattern replaced
std::string
ReplaceFirst(const std::string& text, const std::string& pattern, const std::string& by)
{
    return std::regex_replace(text,
                              std::regex(pattern),
                              by,
                              std::regex_constants::format_first_only);
}

/// @param number of the word in the line, from 0 @return the line with that word's port masked
std::string
HidePort(const std::string& line, size_t number)
{
    size_t start = 0;
    for (size_t i = 0; i < number && start != std::string::npos; i++)
    {
        start = line.find(' ', start);
        start = start == std::string::npos ? start : start + 1;
    }
    if (start == std::string::npos)
    {
        return line;
    }
    const size_t end = std::min(line.find(' ', start), line.size());
    return line.substr(0, start) + ReplaceFirst(line.substr(start, end - start), ":[0-9]+$", ":~") +
           line.substr(end);
}

std::string
HideField(const std::string& line, const std::string& field)
{
    if (field == "payload")
    {
        return std::regex_replace(line, std::regex("(text|hex|seq|zero):\\S+"), "~");
    }
    if (field == "ts")
    {
        return std::regex_replace(line, std::regex("ts:\\d+:"), "ts:~:");
    }
    if (field == "tsecr")
    {
        return std::regex_replace(line, std::regex("(ts:[\\d~]+:)\\d+"), "$1~");
    }
    const std::string masked =
        std::regex_replace(line, std::regex("\\b" + field + "=\\S+"), field + "=~");
    return field == "sport" ? HidePort(masked, 1) : field == "dport" ? HidePort(masked, 3) : masked;
}

uint32_t
FlowLabel(const Octets& packet)
{
    return uint32_t{packet[1] & 0xfU} << 16 | uint32_t{packet[2]} << 8 | packet[3];
}

} // namespace

void
Masks::Note(const Octets& packet)
{
    if (packet.size() < 6)
    {
        return;
    }
    if (packet[0] >> 4 == 6)
    {
        m_flows.insert(FlowLabel(packet));
    }
    else if (packet[0] >> 4 == 4)
    {
        m_ids.insert(unsigned{packet[4]} << 8 | packet[5]);
    }
}

Sighting
Masks::Describe(const Octets& packet) const
{
    const PacketText text = PrintPacket(packet);
    Sighting s;
    s.fields = text.fields;
    std::string line = text.line;
    const bool v6 = !packet.empty() && packet[0] >> 4 == 6;
    const unsigned id = s.fields.value("id", 0U);
    if (id != 0 && (v6 || m_ids.count(id) == 0))
    {
        line = ReplaceFirst(line, " id=" + std::to_string(id) + "\\b", " id=~");
    }
    const uint32_t flow = v6 && packet.size() >= 4 ? FlowLabel(packet) : 0;
    if (flow != 0 && m_flows.count(flow) == 0)
    {
        char shown[24];
        std::snprintf(shown, sizeof(shown), " flow=0x%x", flow);
        line = ReplaceFirst(line, shown, " flow=~");
    }
    s.result["pkt"] = line;
    s.result["hex"] = ToHex(packet);
    if (!text.notes.empty())
    {
        s.result["notes"] = text.notes;
    }
    return s;
}

void
Masks::Hide(Sighting& sighting, const std::vector<std::string>& fields)
{
    std::string line = sighting.result.value("pkt", "");
    for (const std::string& field : fields)
    {
        const bool number = field == "sport" || field == "dport" || field == "icmpid";
        if (number && sighting.fields.contains(field))
        {
            m_drawn.insert(sighting.fields[field].dump());
        }
        line = HideField(line, field);
    }
    sighting.result["pkt"] = line;
    if (!fields.empty())
    {
        sighting.result["hex"] = nullptr;
    }
}

std::string
Masks::HideDrawnText(const std::string& text) const
{
    static const std::regex NUMBER("\\b((?:sport|dport|id)=)(\\d+)");
    std::string result;
    auto last = text.begin();
    for (std::sregex_iterator it(text.begin(), text.end(), NUMBER), end; it != end; ++it)
    {
        const std::smatch& match = *it;
        result.append(last, match[2].first);
        result += m_drawn.count(match[2].str()) ? "~" : match[2].str();
        last = match[2].second;
    }
    return result.append(last, text.end());
}

Json
Masks::HideDrawn(const Json& value) const
{
    if (m_drawn.empty() || (!value.is_string() && !value.is_structured()))
    {
        return value;
    }
    if (value.is_string())
    {
        return HideDrawnText(value);
    }
    Json copy = value;
    for (auto& [key, item] : copy.items())
    {
        const bool number = key == "sport" || key == "dport" || key == "id";
        const std::string text = item.is_string() ? item.get<std::string>() : item.dump();
        item = value.is_object() && number && m_drawn.count(text) ? Json("~") : HideDrawn(item);
    }
    return copy;
}

} // namespace replay
